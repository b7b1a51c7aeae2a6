package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/semantics.md and the tests that there are.
class SemanticsPageTest {

    private static final Path ROOT = Path.of("..");

    /// `` `XTest` ``, `` `XTest.method` `` or `` `XTest.start_of_a_method...` ``.
    private static final Pattern TEST =
            Pattern.compile("`([A-Z]\\w+Test)(?:\\.(\\w+)(\\.\\.\\.)?)?`");

    private static final Pattern FOLDER = Pattern.compile("`(A\\d[\\w.]*-[\\w-]+)`");

    private static Map<String, String> sources() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String module : List.of("proxy-core", "proxy-core/lab", "proxy-k8s")) {
            try (Stream<Path> below = Files.walk(ROOT.resolve(module).resolve("src/test"))) {
                below.filter(f -> f.toString().endsWith("Test.java")).forEach(files::add);
            }
        }
        return files.stream()
                .collect(
                        Collectors.toMap(
                                f -> f.getFileName().toString().replace(".java", ""),
                                SemanticsPageTest::text,
                                String::concat));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A method, or a rule of ArchUnit.
    private static boolean has(String source, String member, boolean isStart) {
        return Pattern.compile("(void|ArchRule) " + member + (isStart ? "" : "\\b"))
                .matcher(source)
                .find();
    }

    @Test
    void everyTestThatThePageNamesExists() throws IOException {
        Map<String, String> sources = sources();
        String page = Files.readString(ROOT.resolve("docs/semantics.md"));
        List<String> missing = new ArrayList<>();
        TEST.matcher(page)
                .results()
                .filter(named -> {
                    String source = sources.get(named.group(1));
                    return source == null
                            || (named.group(2) != null
                                    && !has(source, named.group(2), named.group(3) != null));
                })
                .forEach(named -> missing.add(named.group()));
        assertThat(missing).isEmpty();
    }

    @Test
    void everyFolderOfARuleIsOnThePageAndThePageNamesNoOther() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/semantics.md"));
        try (Stream<Path> folders = Files.list(Path.of("src/test/resources/rules"))) {
            assertThat(FOLDER.matcher(page).results().map(f -> f.group(1)).distinct())
                    .containsExactlyInAnyOrderElementsOf(
                            folders.map(f -> f.getFileName().toString())
                                    .filter(f -> f.matches("A\\d.*"))
                                    .toList());
        }
    }
}
