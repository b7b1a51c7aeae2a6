package io.fairlead.k8s.config;

import io.fairlead.k8s.cluster.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// How a value is written, in a file and on the command line.
///
/// @param words what it is, for people: `a duration from 0s to 1h, such as 10ms`
/// @param isList whether a file has a list of such values, and a command line commas
/// @param fits whether a file's value is of the right type
/// @param parse throws IllegalArgumentException for what is no such value
/// @param show the value as a file has it: text, number, boolean, or a list of these
record ValueForm<T>(
        String words,
        boolean isList,
        Predicate<JsonNode> fits,
        Function<List<String>, T> parse,
        Function<T, Object> show) {

    /// A value that makes no sense; the message names it and says what does.
    static final class WrongValue extends Exception {
        private static final long serialVersionUID = 1;

        WrongValue(String message) {
            super(message, null, false, false);
        }

        String message() {
            return String.valueOf(getMessage());
        }
    }

    private static <T> ValueForm<T> one(
            String words,
            Predicate<JsonNode> fits,
            Function<String, T> parse,
            Function<T, Object> show) {
        return new ValueForm<>(
                words,
                false,
                fits,
                texts -> {
                    if (texts.size() != 1) {
                        throw new IllegalArgumentException("not one value");
                    }
                    return parse.apply(texts.getFirst());
                },
                show);
    }

    /// Text that `parse` takes.
    static <T> ValueForm<T> text(
            String words, Function<String, T> parse, Function<T, String> show) {
        return one(words, JsonNode::isString, parse, show::apply);
    }

    /// Text that is not blank.
    static ValueForm<String> name(String words) {
        return text(words, ValueForm::notBlank, Function.identity());
    }

    /// A file or a folder.
    static ValueForm<Path> path(String words) {
        return text(words, text -> Path.of(notBlank(text)), Path::toString);
    }

    private static String notBlank(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("blank");
        }
        return text.strip();
    }

    /// One of some words.
    static <T> ValueForm<T> choice(List<T> values, Function<T, String> word) {
        String words = "one of " + String.join(", ", values.stream().map(word).toList());
        return text(
                words,
                text ->
                        values.stream()
                                .filter(v -> word.apply(v).equals(text))
                                .findFirst()
                                .orElseThrow(IllegalArgumentException::new),
                word);
    }

    /// A whole number within bounds.
    static ValueForm<Integer> count(int least, int most) {
        return one(
                "a whole number from " + least + " to " + most,
                JsonNode::isIntegralNumber,
                text -> {
                    int count = Integer.parseInt(text);
                    if (count < least || count > most) {
                        throw new IllegalArgumentException("out of range");
                    }
                    return count;
                },
                count -> count);
    }

    /// Any number of whole numbers within bounds.
    static ValueForm<List<Integer>> counts(int least, int most) {
        ValueForm<Integer> one = count(least, most);
        return new ValueForm<>(
                one.words,
                true,
                one.fits,
                texts -> texts.stream().map(text -> one.parse.apply(List.of(text))).toList(),
                all -> all);
    }

    /// These, or one word that stands for a value of its own.
    ValueForm<T> or(String word, T value) {
        return new ValueForm<>(
                words + ", or " + word,
                isList,
                node -> fits.test(node) || (node.isString() && word.equals(node.stringValue())),
                texts -> texts.equals(List.of(word)) ? value : parse.apply(texts),
                shown -> shown.equals(value) ? word : show.apply(shown));
    }

    static ValueForm<Boolean> yesOrNo() {
        return one(
                "true or false",
                JsonNode::isBoolean,
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException();
                        },
                yes -> yes);
    }

    /// A duration within bounds.
    static ValueForm<Duration> duration(Duration least, Duration most, String example) {
        return text(
                "a duration from %s to %s, such as %s"
                        .formatted(GoDuration.text(least), GoDuration.text(most), example),
                text -> {
                    Duration duration = GoDuration.parse(text);
                    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                        throw new IllegalArgumentException("out of range");
                    }
                    return duration;
                },
                GoDuration::text);
    }

    /// Any number of texts that `parse` takes together.
    static <T> ValueForm<T> together(
            String words, Function<List<String>, T> parse, Function<T, List<String>> show) {
        return new ValueForm<>(words, true, JsonNode::isString, parse, show::apply);
    }

    /// Any number of texts that `parse` takes.
    static <T> ValueForm<List<T>> texts(
            String words, Function<String, T> parse, Function<T, String> show) {
        return new ValueForm<>(
                words,
                true,
                JsonNode::isString,
                texts -> texts.stream().map(parse).toList(),
                all -> all.stream().map(show).toList());
    }

    /// Reads what a command line gives.
    T read(String text) throws WrongValue {
        List<String> parts = isList ? Arrays.asList(text.split(",", -1)) : List.of(text);
        return parse(parts, Problem.quote(text));
    }

    /// Reads what a file gives.
    T read(JsonNode value) throws WrongValue {
        List<String> parts = new ArrayList<>();
        if (isList != value.isArray()) {
            String write = isList ? "a list; write [VALUE, ...], each " : "";
            throw new WrongValue(shown(value) + " is not " + write + words);
        }
        for (JsonNode part : isList ? value.values() : List.of(value)) {
            if (!fits.test(part)) {
                boolean quotesHelp = part.isValueNode() && isText(part);
                throw new WrongValue(
                        shown(part)
                                + " is not "
                                + words
                                + (quotesHelp ? "; put it in quotes" : ""));
            }
            parts.add(part.asString());
        }
        return parse(parts, shown(value));
    }

    private boolean isText(JsonNode part) {
        try {
            var _ = parse.apply(List.of(part.asString()));
            return !part.isString() && !part.isNull();
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private T parse(List<String> parts, String shown) throws WrongValue {
        try {
            return parse.apply(parts);
        } catch (IllegalArgumentException _) {
            throw new WrongValue(shown + " is not " + words);
        }
    }

    private static String shown(JsonNode value) {
        if (value.isString()) {
            return Problem.quote(value.stringValue());
        }
        String quoted = Problem.quote(value.toString());
        return quoted.substring(1, quoted.length() - 1);
    }

    /// The value as a file has it; null for none.
    @Nullable Object show(@Nullable T value) {
        return value == null ? null : show.apply(value);
    }
}
