package io.fairlead.core.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;

/// Random bytes on their way, and the digest that tells whether they arrived.
///
/// Sent in chunks of random sizes from random places of a random block, so that a chunk lost,
/// doubled or swapped shows.
public final class ByteStream {

    private static final int BLOCK = 1 << 20;
    private static final long SLOW_PAUSE_NANOS = 200_000;

    /// How a peer handles its stream.
    public enum Pace {
        FAST,
        /// Small chunks with pauses; the pauses are bounded in number, not by the stream's length.
        SLOW
    }

    /// What went by: how many bytes, and their digest.
    public record Passed(long bytes, String digest) {}

    /// How streams are compared.
    private interface Digest {
        void update(byte[] bytes, int from, int count);

        String text();
    }

    private final Random random;
    private final Pace pace;
    private final byte[] block = new byte[BLOCK];
    private final boolean quick;
    private int pauses = 500;

    private ByteStream(long seed, Pace pace, boolean quick) {
        this.random = new Random(seed);
        this.pace = pace;
        this.quick = quick;
        random.nextBytes(block);
    }

    /// A stream told by its SHA-256.
    public ByteStream(long seed, Pace pace) {
        this(seed, pace, false);
    }

    /// A stream told by its CRC-32C, which costs next to nothing: where length is what matters.
    public static ByteStream quick(long seed) {
        return new ByteStream(seed, Pace.FAST, true);
    }

    /// Sends a stream of that length.
    public Passed send(OutputStream out, long bytes) throws IOException {
        Digest digest = digest();
        long left = bytes;
        while (left > 0) {
            int count = (int) Math.min(left, chunk());
            int from = random.nextInt(BLOCK - count + 1);
            out.write(block, from, count);
            digest.update(block, from, count);
            left -= count;
        }
        return new Passed(bytes, digest.text());
    }

    /// Reads to the end of the stream.
    public Passed receive(InputStream in) throws IOException {
        return receive(in, Long.MAX_VALUE);
    }

    /// Reads that many bytes, or less when the stream ends.
    public Passed receive(InputStream in, long bytes) throws IOException {
        Digest digest = digest();
        byte[] buffer = new byte[BLOCK];
        long received = 0;
        while (received < bytes) {
            int count = in.read(buffer, 0, (int) Math.min(bytes - received, chunk()));
            if (count < 0) {
                break;
            }
            digest.update(buffer, 0, count);
            received += count;
        }
        return new Passed(received, digest.text());
    }

    private int chunk() {
        if (pace == Pace.SLOW && pauses > 0) {
            pauses--;
            Eventually.pause(SLOW_PAUSE_NANOS);
            return 1 + random.nextInt(4_000);
        }
        // Mostly a few KiB, at times nearly a MiB.
        return random.nextInt(8) == 0 ? 1 + random.nextInt(BLOCK) : 1 + random.nextInt(100_000);
    }

    private Digest digest() {
        return quick ? new Crc() : new Sha256();
    }

    private static final class Crc implements Digest {
        private final CRC32C crc = new CRC32C();

        @Override
        public void update(byte[] bytes, int from, int count) {
            crc.update(bytes, from, count);
        }

        @Override
        public String text() {
            return Long.toHexString(crc.getValue());
        }
    }

    private static final class Sha256 implements Digest {
        private final MessageDigest sha256;

        Sha256() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has SHA-256", e);
            }
        }

        @Override
        public void update(byte[] bytes, int from, int count) {
            sha256.update(bytes, from, count);
        }

        @Override
        public String text() {
            return HexFormat.of().formatHex(sha256.digest());
        }
    }
}
