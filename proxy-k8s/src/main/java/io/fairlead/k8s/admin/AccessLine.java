package io.fairlead.k8s.admin;

import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.service.AddressPort;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One line of the access log. Written thousands of times a second beside the event loops, so
/// without a map, a mapper or a pattern for values that need none.
final class AccessLine {

    /// No name of Kubernetes holds any of these; a line must stay one all the same.
    private static final Pattern BREAKS_TEXT =
            Pattern.compile("[\\s\\p{Cntrl}=]", Pattern.UNICODE_CHARACTER_CLASS);

    private final StringBuilder out;
    private final AccessLogOptions.Format format;
    private final int from;

    private AccessLine(StringBuilder out, AccessLogOptions.Format format) {
        this.out = out;
        this.format = format;
        this.from = out.length();
    }

    /// Appends the line, without its end.
    static void append(StringBuilder out, ClosedFlow closed, AccessLogOptions.Format format) {
        FlowView flow = closed.flow();
        AddressPort source = flow.source();
        AccessLine line = new AccessLine(out, format);
        line.word("time", Instant.ofEpochMilli(closed.atMillis()).toString());
        line.word("protocol", flow.protocol().toString());
        line.word("client", flow.client().toString());
        line.word("vip", flow.vip().toString());
        line.word("service", flow.service().qualifiedService());
        line.word("port", flow.service().port());
        line.word("backend", flow.backend().toString());
        line.word("source", source == null ? null : source.toString());
        line.number("seconds", Double.toString(Math.round(flow.ageNs() / 1e6) / 1e3));
        line.number("receivedBytes", Long.toString(flow.receivedBytes()));
        line.number("returnedBytes", Long.toString(flow.returnedBytes()));
        line.word("reason", closed.reason().word());
        line.end();
    }

    private void word(String name, @Nullable String value) {
        name(name);
        switch (format) {
            case JSON -> {
                if (value != null && isPlain(value)) {
                    out.append('"').append(value).append('"');
                } else {
                    out.append(value == null ? "null" : AdminJson.write(value));
                }
            }
            case TEXT -> {
                if (value == null || value.isEmpty()) {
                    out.append('-');
                } else {
                    out.append(isPlain(value) ? value : BREAKS_TEXT.matcher(value).replaceAll("?"));
                }
            }
        }
    }

    private void number(String name, String digits) {
        name(name);
        out.append(digits);
    }

    private void name(String name) {
        boolean first = out.length() == from;
        switch (format) {
            case JSON ->
                    out.append(first ? '{' : ',').append('"').append(name).append('"').append(':');
            case TEXT -> {
                if (!first) {
                    out.append(' ').append(name.toLowerCase(Locale.ROOT)).append('=');
                }
            }
        }
    }

    private void end() {
        if (format == AccessLogOptions.Format.JSON) {
            out.append('}');
        }
    }

    /// Whether either form takes it as it is.
    private static boolean isPlain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=') {
                return false;
            }
        }
        return true;
    }
}
