package io.fairlead.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// A lab leaves the machine as it was, whatever became of it.
class NothingIsLeftTest {

    /// Namespaces of this process and links of the machine; other test runs have namespaces too.
    private static List<String> traces() {
        String own = "fl-" + ProcessHandle.current().pid() + "-";
        List<String> traces =
                new ArrayList<>(
                        Namespaces.existing().stream().filter(n -> n.startsWith(own)).toList());
        traces.addAll(
                Programs.run(List.of("ip", "-o", "link"))
                        .lines()
                        .map(line -> line.split(":", -1)[1].strip())
                        .toList());
        return traces;
    }

    @Test
    void afterUse() {
        List<String> before = traces();
        try (Lab lab = Lab.open(Lab.Part.values())) {
            assertThat(traces()).hasSize(before.size() + lab.hosts().size() + 1);
        }
        assertThat(traces()).isEqualTo(before);
    }

    @Test
    void afterASetUpThatFailsHalfWay() {
        List<String> before = traces();
        Lab lab =
                new Lab(
                        new Topology(EnumSet.noneOf(Lab.Part.class)) {
                            @Override
                            List<String> addresses(String name) {
                                return name.equals("b2")
                                        ? List.of("route add nonsense")
                                        : super.addresses(name);
                            }
                        });
        assertThatThrownBy(lab::start).hasMessageContaining("route add nonsense");
        assertThat(traces()).isEqualTo(before);
    }

    @Test
    void ofProgramsThatStillRan() throws Exception {
        Process program;
        try (Lab lab = Lab.open()) {
            program = new ProcessBuilder(lab.p1().netns().inside(List.of("sleep", "1000"))).start();
            // It is in the namespace once its own name is that of the program.
            while (!program.info().command().orElse("").endsWith("sleep")) {
                Thread.onSpinWait();
            }
        }
        assertThat(program.onExit().join().exitValue()).isNotZero();
    }

    @Test
    void ofALabWhoseProcessIsDead() {
        long dead = Long.MAX_VALUE / 2;
        String name = "fl-" + dead + "-1-n1";
        Namespaces.add(List.of(name));
        assertThat(Namespaces.existing()).contains(name);
        try (Lab _ = Lab.open()) {
            assertThat(Namespaces.existing()).doesNotContain(name);
        }
    }

    /// The JDK's own thread that waits for it starts where the program was started.
    @Test
    void ofAProgramStartedFromInside() throws Exception {
        List<String> before = traces();
        try (Lab lab = Lab.open()) {
            assertThat(lab.p1().run(() -> lab.n1().exec("ip", "link"))).contains("veth-p1");
        }
        assertThat(traces()).isEqualTo(before);
    }

    @Test
    void aThreadThatStaysIsNamed() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Lab lab = Lab.open();
        String namespace = lab.p1().netns().name();
        Thread loop =
                lab.p1()
                        .netns()
                        .threadFactory("stray-loop")
                        .newThread(() -> {
                            boolean waiting = true;
                            while (waiting) {
                                try {
                                    end.await();
                                    waiting = false;
                                } catch (InterruptedException _) {
                                    // Only the test ends it.
                                }
                            }
                        });
        loop.start();
        while (Namespaces.threadsIn(List.of(namespace)).stream()
                .noneMatch(thread -> thread.endsWith("stray-loop"))) {
            Thread.onSpinWait();
        }
        try {
            assertThatThrownBy(lab::close)
                    .hasMessageContaining(namespace)
                    .hasMessageContaining("stray-loop");
            assertThat(Namespaces.existing()).doesNotContain(namespace);
        } finally {
            end.countDown();
            loop.join();
        }
    }
}
