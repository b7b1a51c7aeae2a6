package io.fairlead.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// Feeds a parser with mutations of good inputs: whatever comes, it reads or refuses in its own
/// way, ends, and takes no more memory than its input explains.
///
/// The same seed feeds the same. `-Dfairlead.fuzz.seconds=600` goes on for so long instead, with
/// seeds from there on. What a parser takes is kept and mutated further.
public final class Fuzz {

    /// Reads an input.
    @FunctionalInterface
    public interface Parser {
        /// Returns whether it took the input; refusing it is as good.
        ///
        /// @throws Exception that the parser should not throw
        boolean reads(byte[] input) throws Exception;
    }

    private static final int ROUNDS = 3_000;
    private static final int MOST_BYTES = 16 * 1024;
    private static final int MOST_KEPT = 256;

    /// Far above what any parser here needs for inputs of this size: YAML of 16 KiB with its tree
    /// and all messages takes 3 MiB.
    private static final long MOST_ALLOCATED = 128L << 20;

    /// Only a parser that hangs takes so long.
    private static final long HANG_SECONDS = 60;

    private static final String[] TOKENS = {
        "null",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "\n",
        "\r\n",
        "\t",
        " ",
        "- ",
        "&a ",
        "*a",
        "<<: *a\n",
        "---\n",
        "\"",
        "'",
        "|\n",
        ">\n",
        "!!binary ",
        "!x ",
        "%YAML 1.1\n",
        "%zz",
        "%00",
        "99999999999",
        "2147483648",
        "-1",
        "0",
        "1e999",
        "0x1f",
        ".nan",
        "true",
        "~",
        "? ",
        "=",
        "&",
        "/",
        "::",
        "::ffff:127.0.0.1",
        "127.0.0.1",
        "0.0.0.0/0",
        "fe80::1%eth0",
        "\u0000",
        "\u2028",
        "\u0660",
        "\ud83d\ude00",
        "#",
        "None"
    };

    private final List<byte[]> inputs = new ArrayList<>();

    /// @param inputs good ones
    public Fuzz(String... inputs) {
        for (String input : inputs) {
            this.inputs.add(input.getBytes(UTF_8));
        }
    }

    /// Feeds it; returns how many inputs of how many were taken.
    ///
    /// @throws AssertionError that has the input, in hexadecimal too
    public Result feed(long seed, Parser parser) throws InterruptedException {
        for (byte[] input : inputs) {
            new Case(seed, -1, input).check(parser, true);
        }
        int seconds = Integer.getInteger("fairlead.fuzz.seconds", 0);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Result result = new Result(0, 0);
        long next = seed;
        do {
            result = result.and(round(next++, parser));
        } while (seconds > 0 && System.nanoTime() < end);
        if (seconds > 0) {
            System.out.printf("fuzz: seeds %d to %d, %s%n", seed, next - 1, result);
        }
        return result;
    }

    /// What came of it.
    ///
    /// @param taken inputs that were read
    /// @param all of so many
    public record Result(int taken, int all) {

        Result and(Result other) {
            return new Result(taken + other.taken, all + other.all);
        }
    }

    private Result round(long seed, Parser parser) throws InterruptedException {
        Random random = new Random(seed);
        List<byte[]> kept = new ArrayList<>(inputs);
        int taken = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = kept.get(random.nextInt(kept.size()));
            for (int m = random.nextInt(4); m >= 0; m--) {
                bytes = mutate(bytes, kept, random);
            }
            if (bytes.length > MOST_BYTES) {
                bytes = Arrays.copyOf(bytes, MOST_BYTES);
            }
            if (new Case(seed, i, bytes).check(parser, false)) {
                taken++;
                if (kept.size() < MOST_KEPT) {
                    kept.add(bytes);
                }
            }
        }
        return new Result(taken, ROUNDS);
    }

    /// One input.
    private static final class Case {

        private final long seed;
        private final int round;
        private final byte[] input;

        Case(long seed, int round, byte[] input) {
            this.seed = seed;
            this.round = round;
            this.input = input;
        }

        boolean check(Parser parser, boolean good) throws InterruptedException {
            boolean[] reads = new boolean[1];
            Throwable[] thrown = new Throwable[1];
            long[] allocated = new long[1];
            Thread thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("fuzz")
                            .unstarted(() -> {
                                long before = allocatedBytes();
                                try {
                                    reads[0] = parser.reads(input.clone());
                                } catch (Throwable e) {
                                    thrown[0] = e;
                                }
                                allocated[0] = allocatedBytes() - before;
                            });
            thread.start();
            thread.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
            if (thread.isAlive()) {
                AssertionError hangs = new AssertionError(told("hangs"));
                hangs.setStackTrace(thread.getStackTrace());
                throw hangs;
            }
            if (thrown[0] != null) {
                throw new AssertionError(told("throws " + thrown[0]), thrown[0]);
            }
            if (allocated[0] > MOST_ALLOCATED) {
                throw new AssertionError(told("takes " + allocated[0] + " bytes"));
            }
            if (good && !reads[0]) {
                throw new AssertionError(told("refuses a good input"));
            }
            return reads[0];
        }

        private static long allocatedBytes() {
            return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                    .getCurrentThreadAllocatedBytes();
        }

        private String told(String what) {
            return what
                    + ": seed "
                    + seed
                    + ", round "
                    + round
                    + ", input of "
                    + input.length
                    + " bytes\n"
                    + new String(input, UTF_8)
                    + "\n"
                    + HexFormat.of().formatHex(input);
        }
    }

    private static byte[] mutate(byte[] bytes, List<byte[]> others, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int length = random.nextInt(Math.min(40, bytes.length - at + 1));
        byte[] token = TOKENS[random.nextInt(TOKENS.length)].getBytes(UTF_8);
        return switch (random.nextInt(8)) {
            case 0 -> splice(bytes, at, 0, token);
            case 1 -> splice(bytes, at, length, new byte[0]);
            case 2 -> splice(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
            case 3 -> splice(bytes, at, Math.min(1, length), new byte[] {(byte) random.nextInt()});
            case 4 -> splice(bytes, at, length, token);
            case 5 -> repeated(bytes, at, token, 1 << random.nextInt(10));
            case 6 -> splice(bytes, at, length, part(others, random));
            default -> Arrays.copyOf(bytes, at);
        };
    }

    private static byte[] part(List<byte[]> others, Random random) {
        byte[] other = others.get(random.nextInt(others.size()));
        int from = random.nextInt(other.length + 1);
        return Arrays.copyOfRange(
                other, from, from + random.nextInt(Math.min(80, other.length - from + 1)));
    }

    private static byte[] repeated(byte[] bytes, int at, byte[] token, int times) {
        byte[] many = new byte[token.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(token, 0, many, i * token.length, token.length);
        }
        return splice(bytes, at, 0, many);
    }

    private static byte[] splice(byte[] bytes, int at, int removed, byte[] inserted) {
        byte[] result = new byte[bytes.length - removed + inserted.length];
        System.arraycopy(bytes, 0, result, 0, at);
        System.arraycopy(inserted, 0, result, at, inserted.length);
        System.arraycopy(
                bytes, at + removed, result, at + inserted.length, bytes.length - at - removed);
        return result;
    }
}
