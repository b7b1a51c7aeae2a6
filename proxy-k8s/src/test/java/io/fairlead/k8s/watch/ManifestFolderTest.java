package io.fairlead.k8s.watch;

import static io.fairlead.k8s.watch.Manifests.bytes;
import static io.fairlead.k8s.watch.Manifests.clusterIp;
import static io.fairlead.k8s.watch.Manifests.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.k8s.cluster.ClusterUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Following a folder; a change must arrive long before the periodic look at everything would find
/// it, unless a test says otherwise.
@Timeout(60)
class ManifestFolderTest {
    private static final long SOON_MILLIS = 3_000;
    private static final long AFTER_RESCAN_MILLIS = 20_000;

    @TempDir Path folder = Path.of("");

    private final BlockingQueue<ClusterUpdate> updates = new LinkedBlockingQueue<>();

    private ManifestFolder watch() throws IOException {
        return ManifestFolder.watch(folder, updates::add);
    }

    private void write(String name, String text) throws IOException {
        Files.write(folder.resolve(name), bytes(text));
    }

    private ClusterUpdate await(Predicate<ClusterUpdate> wanted, long millis)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        ClusterUpdate last = null;
        while (true) {
            ClusterUpdate update = updates.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(update).describedAs("last seen: %s", last).isNotNull();
            if (wanted.test(update)) {
                return update;
            }
            last = update;
        }
    }

    private ClusterUpdate awaitIp(String service, String ip) throws InterruptedException {
        return await(u -> ip.equals(clusterIp(u.state(), service)), SOON_MILLIS);
    }

    @Test
    void theFirstStateComesAtOnceEvenIfEmpty() throws Exception {
        try (ManifestFolder _ = watch()) {
            assertThat(await(_ -> true, SOON_MILLIS).state().size()).isZero();
        }
    }

    @Test
    void filesAppearChangeAndGo() throws Exception {
        write("a.yaml", service("a", "10.96.0.1"));
        try (ManifestFolder _ = watch()) {
            awaitIp("a", "10.96.0.1");
            write(
                    "b.json",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"b\"},"
                            + "\"spec\":{\"clusterIP\":\"10.96.0.2\"}}");
            awaitIp("b", "10.96.0.2");
            write("a.yaml", service("a", "10.96.0.3"));
            awaitIp("a", "10.96.0.3");
            Files.delete(folder.resolve("a.yaml"));
            await(u -> clusterIp(u.state(), "a") == null && u.state().size() == 1, SOON_MILLIS);
        }
    }

    @Test
    void aRenameReplacesAtomically() throws Exception {
        write("a.yaml", service("a", "10.96.0.1"));
        try (ManifestFolder _ = watch()) {
            awaitIp("a", "10.96.0.1");
            for (int i = 2; i < 20; i++) {
                write("a.yaml.tmp", service("a", "10.96.0." + i));
                Files.move(
                        folder.resolve("a.yaml.tmp"),
                        folder.resolve("a.yaml"),
                        StandardCopyOption.ATOMIC_MOVE);
                ClusterUpdate update = awaitIp("a", "10.96.0." + i);
                assertThat(update.problems()).isEmpty();
            }
        }
    }

    @Test
    void aSwappedConfigMapLinkIsFollowed() throws Exception {
        version("..1", "10.96.0.1");
        version("..2", "10.96.0.2");
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        Files.createSymbolicLink(folder.resolve("a.yaml"), Path.of("..data/a.yaml"));
        try (ManifestFolder _ = watch()) {
            awaitIp("a", "10.96.0.1");
            Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
            Files.move(
                    folder.resolve("..data_tmp"),
                    folder.resolve("..data"),
                    StandardCopyOption.ATOMIC_MOVE);
            awaitIp("a", "10.96.0.2");
        }
    }

    private void version(String name, String ip) throws IOException {
        Files.createDirectory(folder.resolve(name));
        write(name + "/a.yaml", service("a", ip));
    }

    @Test
    void aBrokenFileKeepsWhatItSaid() throws Exception {
        write("a.yaml", service("a", "10.96.0.1"));
        try (ManifestFolder _ = watch()) {
            awaitIp("a", "10.96.0.1");
            for (String broken :
                    new String[] {
                        "apiVersion: v1\nkind: Service\nmetadata: {na",
                        "",
                        "apiVersion: v1\n",
                        "apiVersion: v1\nkind: Service\nmetadata:\n",
                        "just words"
                    }) {
                write("a.yaml", broken);
                ClusterUpdate kept = await(u -> !u.problems().isEmpty(), SOON_MILLIS);
                assertThat(clusterIp(kept.state(), "a")).isEqualTo("10.96.0.1");
                assertThat(kept.problems().getFirst().object()).isEqualTo("File a.yaml");
                assertThat(kept.problems().getFirst().message()).contains("still holds");
                write("a.yaml", service("a", "10.96.0.1"));
                await(u -> u.problems().isEmpty(), SOON_MILLIS);
            }
        }
    }

    @Test
    void anotherFileTakesOverWhenTheFirstIsGone() throws Exception {
        write("a.yaml", service("x", "10.96.0.1"));
        write("b.yaml", service("x", "10.96.0.2"));
        try (ManifestFolder _ = watch()) {
            assertThat(awaitIp("x", "10.96.0.1").problems()).hasSize(1);
            Files.delete(folder.resolve("a.yaml"));
            assertThat(awaitIp("x", "10.96.0.2").problems()).isEmpty();
        }
    }

    @Test
    void anEqualRewriteIsNoNews() throws Exception {
        write("a.yaml", service("a", "10.96.0.1"));
        try (ManifestFolder _ = watch()) {
            awaitIp("a", "10.96.0.1");
            write("a.yaml", "# a comment\n" + service("a", "10.96.0.1"));
            write("b.yaml", service("b", "10.96.0.2"));
            awaitIp("b", "10.96.0.2");
            assertThat(updates).isEmpty();
        }
    }

    @Test
    void aFolderThatVanishesKeepsItsStateAndComesBack() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.write(inner.resolve("a.yaml"), bytes(service("a", "10.96.0.1")));
        try (ManifestFolder _ = ManifestFolder.watch(inner, updates::add)) {
            awaitIp("a", "10.96.0.1");
            Files.move(inner, folder.resolve("away"));
            ClusterUpdate kept = await(u -> !u.problems().isEmpty(), AFTER_RESCAN_MILLIS);
            assertThat(clusterIp(kept.state(), "a")).isEqualTo("10.96.0.1");
            Files.createDirectory(inner);
            Files.write(inner.resolve("a.yaml"), bytes(service("a", "10.96.0.9")));
            await(u -> "10.96.0.9".equals(clusterIp(u.state(), "a")), AFTER_RESCAN_MILLIS);
            Files.write(inner.resolve("a.yaml"), bytes(service("a", "10.96.0.8")));
            awaitIp("a", "10.96.0.8");
        }
    }

    @Test
    void aConsumerThatThrowsDoesNotEndIt() throws Exception {
        try (ManifestFolder _ =
                ManifestFolder.watch(
                        folder,
                        update -> {
                            updates.add(update);
                            throw new IllegalStateException("on purpose");
                        })) {
            write("a.yaml", service("a", "10.96.0.1"));
            awaitIp("a", "10.96.0.1");
            write("a.yaml", service("a", "10.96.0.2"));
            awaitIp("a", "10.96.0.2");
        }
    }

    @Test
    void nothingComesAfterClose() throws Exception {
        ManifestFolder manifests = watch();
        await(_ -> true, SOON_MILLIS);
        manifests.close();
        write("a.yaml", service("a", "10.96.0.1"));
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals("fairlead-manifests") && t.isAlive());
        assertThat(updates).isEmpty();
    }

    @Test
    void whatIsNoFolderIsToldSo() throws Exception {
        assertThatThrownBy(() -> ManifestFolder.read(folder.resolve("missing")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("missing: no such folder");
        write("file.yaml", "");
        assertThatThrownBy(() -> ManifestFolder.watch(folder.resolve("file.yaml"), _ -> {}))
                .isInstanceOf(NotDirectoryException.class)
                .hasMessageContaining("file.yaml: not a folder");
    }
}
