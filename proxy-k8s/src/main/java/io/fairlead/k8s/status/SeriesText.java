package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// Series in the text format of Prometheus, written to a stream as they come. Of one thread.
///
/// Holds one block and nothing else, however many series there are. Same as what the client library
/// writes of the same values, byte for byte but for the order of series.
final class SeriesText {

    /// What belongs to all series of a metric.
    static final class Family {

        private final byte[] name;
        private final byte[] header;

        private Family(String name, String type, String help) {
            this.name = name.getBytes(UTF_8);
            this.header =
                    ("# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n")
                            .getBytes(UTF_8);
        }

        static Family gauge(String name, String help) {
            return new Family(name, "gauge", help);
        }

        /// @param name without `_total`
        static Family counter(String name, String help) {
            return new Family(name + "_total", "counter", help);
        }

        static Family histogram(String name, String help) {
            return new Family(name, "histogram", help);
        }
    }

    /// One label.
    static final class Label {

        private final String name;
        private final byte[] text;

        private Label(String name, String value) {
            this.name = name;
            this.text = (name + "=\"" + escaped(value) + '"').getBytes(UTF_8);
        }

        static Label of(String name, String value) {
            return new Label(name, value);
        }
    }

    /// Labels that many series have, in the order of their names.
    static final class Labels {

        static final Labels NONE = new Labels(List.of(), "");

        private final List<String> names;
        private final byte[] text;

        /// Where each label begins in the text, and where it ends.
        private final int[] starts;

        /// @param names ascending
        Labels(List<String> names, String... values) {
            this.names = names;
            this.starts = new int[names.size() + 1];
            ByteArrayOutputStream all = new ByteArrayOutputStream(128);
            for (int i = 0; i < names.size(); i++) {
                if (i > 0) {
                    all.write(',');
                }
                starts[i] = all.size();
                all.writeBytes(new Label(names.get(i), values[i]).text);
            }
            this.text = all.toByteArray();
            starts[names.size()] = text.length;
        }

        /// How many of them come before one of this name.
        private int before(String name) {
            int index = 0;
            while (index < names.size() && names.get(index).compareTo(name) < 0) {
                index++;
            }
            return index;
        }
    }

    /// Upper bounds of a histogram's buckets.
    static final class Bounds {

        private final List<Label> labels = new ArrayList<>();

        /// @param seconds of all buckets but the last, which has none
        Bounds(double... seconds) {
            for (double bound : seconds) {
                labels.add(Label.of("le", Double.toString(bound)));
            }
            labels.add(Label.of("le", "+Inf"));
        }
    }

    private static final int BLOCK = 1 << 16;

    private static final byte[] NOTHING = {};
    private static final byte[] BUCKET = "_bucket".getBytes(UTF_8);
    private static final byte[] COUNT = "_count".getBytes(UTF_8);
    private static final byte[] SUM = "_sum".getBytes(UTF_8);
    private static final byte[] TENTH = ".0".getBytes(UTF_8);

    private final OutputStream out;
    private final byte[] block = new byte[BLOCK];
    private int filled;
    private Family family = Family.gauge("", "");
    private boolean begun;

    SeriesText(OutputStream out) {
        this.out = out;
    }

    private static String escaped(String value) {
        return value.indexOf('\\') < 0 && value.indexOf('"') < 0 && value.indexOf('\n') < 0
                ? value
                : value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /// What follows is of this metric. One without a series leaves nothing.
    void begin(Family next) {
        family = next;
        begun = false;
    }

    /// A series of a gauge or a counter.
    void sample(Labels labels, long value) throws IOException {
        start(NOTHING, labels);
        put(value);
        put(TENTH);
        put('\n');
    }

    /// The same with one label more.
    void sample(Labels labels, Label more, long value) throws IOException {
        start(NOTHING, labels, more, labels.before(more.name));
        put(value);
        put(TENTH);
        put('\n');
    }

    /// The series of a histogram.
    ///
    /// @param counts of each bucket alone
    void histogram(Labels labels, Bounds bounds, long[] counts, double sum) throws IOException {
        long below = 0;
        for (int i = 0; i < counts.length; i++) {
            below += counts[i];
            start(BUCKET, labels, bounds.labels.get(i), labels.names.size());
            put(below);
            put('\n');
        }
        start(COUNT, labels);
        put(below);
        put('\n');
        start(SUM, labels);
        put(Double.toString(sum).getBytes(UTF_8));
        put('\n');
    }

    /// Hands over what is still held.
    void flush() throws IOException {
        out.write(block, 0, filled);
        filled = 0;
    }

    private void start(byte[] suffix, Labels labels) throws IOException {
        name(suffix);
        if (labels.text.length > 0) {
            put('{');
            put(labels.text);
            put('}');
        }
        put(' ');
    }

    /// @param before how many labels come before the one more
    private void start(byte[] suffix, Labels labels, Label more, int before) throws IOException {
        name(suffix);
        int cut = labels.starts[before];
        boolean last = before == labels.names.size();
        put('{');
        put(labels.text, 0, cut);
        if (last && before > 0) {
            put(',');
        }
        put(more.text);
        if (!last) {
            put(',');
            put(labels.text, cut, labels.text.length - cut);
        }
        put('}');
        put(' ');
    }

    private void name(byte[] suffix) throws IOException {
        if (!begun) {
            begun = true;
            put(family.header);
        }
        put(family.name);
        put(suffix);
    }

    private void put(char ascii) throws IOException {
        if (filled == BLOCK) {
            flush();
        }
        block[filled++] = (byte) ascii;
    }

    private void put(byte[] bytes) throws IOException {
        put(bytes, 0, bytes.length);
    }

    private void put(byte[] bytes, int from, int length) throws IOException {
        if (length > BLOCK - filled) {
            flush();
            if (length > BLOCK) {
                out.write(bytes, from, length);
                return;
            }
        }
        System.arraycopy(bytes, from, block, filled, length);
        filled += length;
    }

    private void put(long value) throws IOException {
        if (value < 0 || value > 9) {
            put(Long.toString(value).getBytes(UTF_8));
        } else {
            put((char) ('0' + value));
        }
    }
}
