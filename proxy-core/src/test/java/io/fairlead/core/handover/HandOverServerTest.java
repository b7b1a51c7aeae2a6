package io.fairlead.core.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import io.fairlead.core.kernel.PacketSocket;
import io.fairlead.core.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of those who come to the socket for successors and are none.
class HandOverServerTest {

    private static final long NAMESPACE = 4711;
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);

    /// An agent that has nothing to give, and remembers what it was told.
    private static final class Poor implements Giver, Estate {

        private final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger thawed = new AtomicInteger();
        private final AtomicBoolean left = new AtomicBoolean();

        @Override
        public long namespace() {
            return NAMESPACE;
        }

        @Override
        public boolean hold(Runnable exchange) {
            held.incrementAndGet();
            exchange.run();
            return true;
        }

        @Override
        public boolean gives(HandedSocket socket) {
            return true;
        }

        @Override
        public List<HandedSocket> sockets() {
            return List.of();
        }

        @Override
        public List<AffinityRecord> clients(long heardOfNs) {
            return List.of();
        }

        @Override
        public List<BackendStanding> standings() {
            return List.of();
        }

        @Override
        public List<HandedCount> counts() {
            return List.of();
        }

        @Override
        public List<HandedFlow> freeze() {
            return List.of();
        }

        @Override
        public void thaw() {
            thawed.incrementAndGet();
        }

        @Override
        public void leave(boolean hostKept) {
            left.set(true);
        }

        @Override
        public void left() {
            // Nothing else is owned.
        }
    }

    @TempDir private Path folder;

    private final Poor estate = new Poor();
    private HandOverServer server;

    @BeforeEach
    void listen() throws IOException {
        listen(LONG);
    }

    private void listen(Duration greeting) throws IOException {
        server =
                HandOverServer.listen(
                        folder, estate, estate, new HandOverServer.Patience(greeting, LONG, LONG));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path path() {
        return folder.resolve(HandOverServer.SOCKET_NAME);
    }

    private PacketSocket connect() throws IOException {
        return Objects.requireNonNull(PacketSocket.connect(path()));
    }

    private static void send(PacketSocket socket, byte[] bytes) throws IOException {
        socket.send(MemorySegment.ofArray(bytes), List.of(), System.nanoTime() + LONG.toNanos());
    }

    private static byte[] message(int mark, int type, int length, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(mark);
        out.writeInt(type);
        out.writeInt(length);
        out.write(body);
        return bytes.toByteArray();
    }

    private static byte[] hello(Greeting greeting) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        greeting.write(new DataOutputStream(bytes));
        return message(
                HandOverChannel.MARK,
                MessageType.HELLO.number(),
                bytes.size(),
                bytes.toByteArray());
    }

    /// It was shown the door, and the agent serves on.
    private static void assertEnds(PacketSocket socket) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(socket.receive(1_024, arena, false, System.nanoTime() + LONG.toNanos()))
                    .isNull();
        }
    }

    private void assertServes() throws IOException {
        assertThat(estate.left).isFalse();
        try (HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder))) {
            assertThat(client.greet(Greeting.of(NAMESPACE, "test"))).isTrue();
            assertThat(client.receive(new Inheritance())).isTrue();
        }
        int held = estate.held.get();
        Eventually.eventually("goes on as before", () -> estate.thawed.get() >= held);
        assertThat(estate.left).isFalse();
    }

    private void assertRefused(byte[] first) throws IOException {
        try (PacketSocket socket = connect()) {
            send(socket, first);
            assertEnds(socket);
        }
        assertServes();
    }

    @Test
    void theSocketIsItsOwnersAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
                .isEqualTo("rw-------");
    }

    @Test
    void aMessageThatIsCutShortIsRefused() throws IOException {
        byte[] whole = hello(Greeting.of(NAMESPACE, "test"));
        for (int length = 1; length < whole.length; length += 5) {
            try (PacketSocket socket = connect()) {
                send(socket, java.util.Arrays.copyOf(whole, length));
                assertEnds(socket);
            }
        }
        assertServes();
    }

    @Test
    void aMessageThatIsTooLongIsRefused() throws IOException {
        assertRefused(new byte[HandOverChannel.MAX_BYTES + 1]);
    }

    @Test
    void aMessageWithAnotherLengthThanItSaysIsRefused() throws IOException {
        assertRefused(message(HandOverChannel.MARK, 1, Integer.MAX_VALUE, new byte[4]));
        assertRefused(message(HandOverChannel.MARK, 1, -1, new byte[4]));
    }

    @Test
    void whatIsNoMessageOfOursIsRefused() throws IOException {
        assertRefused(
                "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertRefused(message(HandOverChannel.MARK, 99, 0, new byte[0]));
        assertRefused(
                message(HandOverChannel.MARK, MessageType.SERVING.number(), 1, new byte[] {1}));
    }

    @Test
    void whoSaysThingsInAnotherOrderIsRefused() throws IOException {
        try (HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder))) {
            assertThat(client.greet(Greeting.of(NAMESPACE, "test"))).isTrue();
            // Before it has everything.
            assertThat(client.serve(true)).isFalse();
        } catch (HandOverException e) {
            assertThat(e).hasMessageContaining("in place of LEFT");
        }
        assertServes();
    }

    @Test
    void whoSaysNothingIsNotWaitedFor() throws IOException {
        server.close();
        listen(SHORT);
        try (PacketSocket slow = connect()) {
            assertServes();
            assertEnds(slow);
        }
    }

    @Test
    void whoEndsInTheMiddleLeavesTheAgentServing() throws IOException {
        try (HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder))) {
            assertThat(client.greet(Greeting.of(NAMESPACE, "test"))).isTrue();
            Inheritance inheritance = new Inheritance();
            assertThat(client.receive(inheritance)).isTrue();
            assertThat(client.receiveRest(inheritance)).isTrue();
        }
        assertServes();
    }

    @Test
    void openFilesThatNobodyAskedForAreDropped() throws IOException {
        int before = open();
        for (int i = 0; i < 50; i++) {
            try (PacketSocket socket = connect()) {
                socket.send(
                        MemorySegment.ofArray(hello(new Greeting(7, 9, NAMESPACE, "test"))),
                        List.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                        System.nanoTime() + LONG.toNanos());
            }
        }
        assertServes();
        assertThat(open()).isBetween(before - 20, before + 20);
    }

    private static int open() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }

    @Test
    void anotherNetworkNamespaceIsRefused() throws IOException {
        try (HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder))) {
            assertThatThrownBy(() -> client.greet(Greeting.of(NAMESPACE + 1, "test")))
                    .isInstanceOfSatisfying(
                            HandOverClient.RefusedException.class,
                            e -> assertThat(e.mayRetire()).isFalse())
                    .hasMessageContaining("another network namespace");
        }
        assertServes();
    }

    @Test
    void aVersionThatNobodyKnowsIsRefusedAndMayAskForRoom() throws IOException {
        try (HandOverClient client = Objects.requireNonNull(HandOverClient.find(folder))) {
            assertThatThrownBy(() -> client.greet(new Greeting(7, 9, NAMESPACE, "test")))
                    .isInstanceOfSatisfying(
                            HandOverClient.RefusedException.class,
                            e -> assertThat(e.mayRetire()).isTrue())
                    .hasMessageContaining("not 7 to 9");
            assertThat(estate.left).isFalse();
            client.retire();
            assertThat(estate.left).isTrue();
        }
    }

    @Test
    void ofTwoRangesOfVersionsTheNewestThatBothKnowIsSpoken() {
        assertThat(new Greeting(1, 9, NAMESPACE, "test").common()).isEqualTo(1);
        assertThat(new Greeting(2, 9, NAMESPACE, "test").common()).isZero();
        assertThat(new Greeting(0, 1, NAMESPACE, "test").common()).isEqualTo(1);
        assertThat(new Greeting(0, 0, NAMESPACE, "test").common()).isZero();
    }

    /// Even where the permissions of the folder would let it in.
    @Test
    void anotherUserIsRefused() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(path(), PosixFilePermissions.fromString("rw-rw-rw-"));
        AtomicBoolean refused = new AtomicBoolean();
        AtomicInteger user = new AtomicInteger();
        Thread nobody =
                Thread.ofPlatform()
                        .start(() -> {
                            user.set(becomeNobody());
                            try (PacketSocket socket = connect();
                                    HandOverChannel channel = new HandOverChannel(socket)) {
                                channel.limit(LONG);
                                send(socket, hello(Greeting.of(NAMESPACE, "test")));
                                HandOverChannel.Message answer = channel.receive(false);
                                refused.set(answer != null && answer.type() == MessageType.REFUSED);
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        nobody.join();
        assertThat(user).hasValue(0);
        assertThat(refused).isTrue();
        assertThat(estate.held).hasValue(0);
        assertServes();
    }

    /// The kernel's call is about the calling thread alone; that of the C library is about all.
    @SuppressWarnings("restricted")
    private static int becomeNobody() {
        final int nobody = 65_534;
        int number = "aarch64".equals(System.getProperty("os.arch")) ? 147 : 117; // setresuid
        try {
            return (int)
                    Linker.nativeLinker()
                            .downcallHandle(
                                    Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.JAVA_LONG,
                                            ValueLayout.JAVA_LONG),
                                    Linker.Option.firstVariadicArg(1))
                            .invokeExact((long) number, (long) nobody, (long) nobody, -1L);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
