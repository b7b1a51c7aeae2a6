package io.fairlead.core.host;

import io.fairlead.core.service.IpFamily;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Lines for one `ip -batch` of a family; one that fails does not keep the others from being done.
final class IpBatch {

    // iproute2, lib/utils.c: do_batch
    private static final Pattern FAILED = Pattern.compile("Command failed .*:([0-9]+)");

    private IpBatch() {}

    /// Carries out the lines.
    ///
    /// @return the index of each line that failed, with the kernel's words
    static Map<Integer, String> run(HostProgram ip, IpFamily family, List<String> lines) {
        if (lines.isEmpty()) {
            return Map.of();
        }
        try {
            HostProgram.Output output =
                    ip.run(
                            String.join("", lines),
                            List.of(KernelNames.option(family), "-force", "-batch", "-"));
            Map<Integer, String> failures = failures(output.err());
            return failures.isEmpty() && !output.ok() ? all(lines, output.complaint()) : failures;
        } catch (HostException e) {
            return all(lines, e.line());
        }
    }

    private static Map<Integer, String> all(List<String> lines, String cause) {
        return IntStream.range(0, lines.size())
                .boxed()
                .collect(Collectors.toMap(line -> line, _ -> cause));
    }

    /// The complaint comes first, then the number of its line.
    private static Map<Integer, String> failures(String err) {
        Map<Integer, String> failures = new LinkedHashMap<>();
        String cause = "";
        for (String line : err.lines().toList()) {
            Matcher failed = FAILED.matcher(line);
            if (failed.matches()) {
                failures.put(Integer.parseInt(failed.group(1)) - 1, cause);
                cause = "";
            } else if (cause.isEmpty()) {
                cause = cause(line);
            }
        }
        return failures;
    }

    private static String cause(String line) {
        String cause = line.strip();
        for (String prefix : List.of("Error: ", "RTNETLINK answers: ")) {
            cause = cause.startsWith(prefix) ? cause.substring(prefix.length()) : cause;
        }
        return cause.endsWith(".") ? cause.substring(0, cause.length() - 1) : cause;
    }
}
