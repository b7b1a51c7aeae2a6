package io.fairlead.k8s.cli;

import java.io.Console;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Text for people, within 80 columns wherever single words allow. One owner.
final class Screen {

    static final int WIDTH = 80;

    private static final int KIB = 1_024;
    private static final String BOLD = "\u001b[1m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    private final StringBuilder out = new StringBuilder();
    private final boolean colours;

    Screen(boolean colours) {
        this.colours = colours;
    }

    /// Coloured where the output is a terminal and nobody objects (https://no-color.org).
    static Screen forOutput() {
        return new Screen(isTerminal() && System.getenv("NO_COLOR") == null);
    }

    @SuppressWarnings("SystemConsoleNull") // it is, where the JDK is told to use no line editor
    static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    Screen heading(String text) {
        out.append(colours ? BOLD : "").append(printable(text)).append(colours ? PLAIN : "");
        out.append('\n');
        return this;
    }

    Screen alarm(String text) {
        out.append(colours ? RED : "").append(printable(text)).append(colours ? PLAIN : "");
        out.append('\n');
        return this;
    }

    Screen line(String text) {
        out.append(printable(text).stripTrailing()).append('\n');
        return this;
    }

    /// A label and what belongs to it, wrapped under itself.
    Screen row(String label, String text) {
        return row("  ", label, 15, text);
    }

    Screen row(String indent, String label, int width, String text) {
        String first = indent + pad(label, width - 1) + (width > 0 ? " " : "");
        String next = " ".repeat(indent.length() + width);
        StringBuilder line = new StringBuilder(first);
        boolean fresh = true;
        for (String word : printable(text).split(" ", -1)) {
            if (!fresh && line.length() + 1 + word.length() > WIDTH) {
                line(line.toString());
                line = new StringBuilder(next);
                fresh = true;
            }
            line.append(fresh ? "" : " ").append(word);
            fresh = false;
        }
        return line(line.toString());
    }

    /// Columns as wide as they must be; the first and `flexible`, which gives way, to the left.
    Screen table(List<String> names, List<List<String>> rows, int flexible) {
        int[] widths = new int[names.size()];
        List<List<String>> all = new ArrayList<>();
        all.add(names);
        all.addAll(rows);
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        int total = 2 * (widths.length - 1);
        for (int width : widths) {
            total += width;
        }
        widths[flexible] = Math.max(8, widths[flexible] - Math.max(0, total - WIDTH));
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = cut(printable(row.get(i)), widths[i]);
                line.append(i == 0 ? "" : "  ");
                line.append(i == 0 || i == flexible ? pad(cell, widths[i]) : left(cell, widths[i]));
            }
            line(line.toString());
        }
        return this;
    }

    private static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 1) + "~";
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String left(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    /// Names and messages can hold anything; a terminal would obey it.
    static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u0080-\\u009f\\u202a-\\u202e\\u2066-\\u2069]", "?");
    }

    /// `1.5 MiB`.
    static String bytes(@Nullable Long count) {
        if (count == null) {
            return "?";
        }
        double value = count;
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (value >= KIB && unit < units.length - 1) {
            value /= KIB;
            unit++;
        }
        return unit == 0 ? count + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    /// `350ms`, `2m5s`, `3h10m`.
    static String time(double seconds) {
        Duration time = Duration.ofMillis((long) (seconds * 1e3));
        if (time.toSeconds() < 1) {
            return time.toMillis() + "ms";
        }
        if (time.toMinutes() < 1) {
            return time.toSeconds() + "s";
        }
        if (time.toHours() < 1) {
            return time.toMinutes() + "m" + time.toSecondsPart() + "s";
        }
        return time.toDays() < 1
                ? time.toHours() + "h" + time.toMinutesPart() + "m"
                : time.toDays() + "d" + time.toHoursPart() + "h";
    }

    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
