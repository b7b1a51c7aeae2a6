package io.fairlead.k8s.watch;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ProblemList;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Reads the fields of one object; a value that makes no sense becomes a problem and is left out.
record FieldReader(ObjectKey object, ProblemList problems) {

    private static final int MAX_PORT = 65_535;

    void problem(String field, String message) {
        problems.add(object, field, message);
    }

    /// The address in a field, or null when it is absent, empty or none.
    @Nullable IpAddress address(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            return null;
        }
        try {
            return IpAddress.parse(value);
        } catch (IllegalArgumentException _) {
            problem(
                    field,
                    Problem.quote(value) + " is not an IP address; it is ignored, write one");
            return null;
        }
    }

    /// The range in a field, or null when it is none; blanks around it do not matter.
    @Nullable Cidr range(String field, @Nullable String value) {
        String text = value == null ? "" : value.strip();
        try {
            return Cidr.parse(text);
        } catch (IllegalArgumentException _) {
            problem(
                    field,
                    Problem.quote(text) + " is not ADDRESS/PREFIX; it is ignored, write a range");
            return null;
        }
    }

    /// The port number in a field; 0 when it is absent, 0, or no port number.
    int port(String field, @Nullable Integer value) {
        if (value == null || value == 0) {
            return 0;
        }
        if (value < 0 || value > MAX_PORT) {
            problem(field, value + " is not a port; it is ignored, use 1 to " + MAX_PORT);
            return 0;
        }
        return value;
    }

    /// The protocol in a field, TCP when it is absent; null when Fairlead does not carry it.
    @Nullable Protocol protocol(String field, @Nullable String value) {
        if (value == null || value.isEmpty() || value.equals("TCP")) {
            return Protocol.TCP;
        }
        if (value.equals("UDP")) {
            return Protocol.UDP;
        }
        problem(
                field,
                Problem.quote(value) + " is not carried; the port is ignored, use TCP or UDP");
        return null;
    }

    /// Whether a field holds `yes` rather than `no`, or nothing, which means `no`.
    boolean choice(String field, @Nullable String value, String yes, String no) {
        if (value == null || value.isEmpty() || value.equals(no)) {
            return false;
        }
        if (value.equals(yes)) {
            return true;
        }
        problem(
                field,
                "%s is not known; it counts as %s, use %s or %s"
                        .formatted(Problem.quote(value), no, no, yes));
        return false;
    }

    /// Calls `each` with every element of a list and its path; an empty element is a problem.
    <T> void each(String field, @Nullable List<T> list, BiConsumer<String, T> each) {
        List<@Nullable T> elements = list == null ? List.of() : new ArrayList<@Nullable T>(list);
        for (int i = 0; i < elements.size(); i++) {
            T element = elements.get(i);
            String path = field + "[" + i + "]";
            if (element == null) {
                problem(path, "empty; it is ignored, fill it or remove it");
            } else {
                each.accept(path, element);
            }
        }
    }
}
