package io.fairlead.k8s.status;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;

/// Metrics of the process, under the names that every exporter gives them.
final class ProcessMetrics {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int BYTES_PER_KB = 1024;

    private ProcessMetrics() {}

    static void register(PrometheusRegistry registry) {
        UnixOperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        double start = ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
        CounterWithCallback.builder()
                .name("process_cpu_seconds")
                .help("CPU time used, user and system, in seconds.")
                .callback(out -> out.call(system.getProcessCpuTime() / 1e9))
                .register(registry);
        gauge(
                registry,
                "process_resident_memory_bytes",
                "Resident memory size in bytes.",
                ProcessMetrics::residentBytes);
        gauge(
                registry,
                "process_start_time_seconds",
                "When the process started, in seconds since 1970.",
                () -> start);
        gauge(
                registry,
                "process_open_fds",
                "Open file descriptors.",
                system::getOpenFileDescriptorCount);
        gauge(
                registry,
                "process_max_fds",
                "File descriptors that may be open.",
                system::getMaxFileDescriptorCount);
    }

    private static void gauge(
            PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call(value.getAsDouble()))
                .register(registry);
    }

    private static double residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Double.parseDouble(line.replaceAll("[^0-9]", "")) * BYTES_PER_KB;
                }
            }
        } catch (IOException _) {
            // Not told, as without the line.
        }
        return Double.NaN;
    }
}
