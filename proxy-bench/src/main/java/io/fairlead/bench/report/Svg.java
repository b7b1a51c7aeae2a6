package io.fairlead.bench.report;

import java.util.Locale;

/// A drawing being made: elements with classes that a style sheet colours.
final class Svg {

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;
    private final String label;

    /// @param label what a reader is told who does not see it
    Svg(int width, int height, String label) {
        this.width = width;
        this.height = height;
        this.label = label;
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    Svg line(String classes, double x1, double y1, double x2, double y2) {
        body.append(
                "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>%n"
                        .formatted(classes, number(x1), number(y1), number(x2), number(y2)));
        return this;
    }

    /// @param tip shown by a mouse that rests on it
    Svg rectangle(String classes, double x, double y, double w, double h, String tip) {
        body.append(
                "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\"><title>%s</title></rect>%n"
                        .formatted(
                                classes,
                                number(x),
                                number(y),
                                number(Math.max(0, w)),
                                number(h),
                                escape(tip)));
        return this;
    }

    Svg circle(String classes, double x, double y, double radius, String tip) {
        body.append(
                "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>%n"
                        .formatted(classes, number(x), number(y), number(radius), escape(tip)));
        return this;
    }

    /// @param anchor `start`, `middle` or `end`
    Svg text(String classes, double x, double y, String anchor, String text) {
        body.append(
                "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>%n"
                        .formatted(classes, number(x), number(y), anchor, escape(text)));
        return this;
    }

    /// A line through points.
    ///
    /// @param points `x,y x,y ...`
    Svg path(String classes, String points, String tip) {
        body.append(
                "<polyline class=\"%s\" points=\"%s\"><title>%s</title></polyline>%n"
                        .formatted(classes, points, escape(tip)));
        return this;
    }

    static String point(double x, double y) {
        return number(x) + "," + number(y) + " ";
    }

    /// As part of a page that has the style sheet.
    String inPage() {
        return element("", "");
    }

    /// As a file of its own.
    String alone(String styleSheet) {
        return element(
                " xmlns=\"http://www.w3.org/2000/svg\" width=\""
                        + width
                        + "\" height=\""
                        + height
                        + "\"",
                "<style>\n" + styleSheet + "</style>\n");
    }

    private String element(String attributes, String first) {
        return "<svg%s class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n%s%s</svg>%n"
                .formatted(attributes, width, height, escape(label), first, body);
    }
}
