package io.fairlead.k8s.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.AgentOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// docs/configuration.md and the keys that there are.
class ReferenceTest {

    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    private static String row(ConfigKey<?> key) {
        List<String> options = key.options().stream().map(o -> "`" + o + "`").toList();
        return "| `%s` | %s%s | %s | %s | %s | %s |"
                .formatted(
                        key.path(),
                        key.form().isList() ? "list, each " : "",
                        key.form().words(),
                        key.isDefaultInWords() ? key.defaultText() : "`" + key.defaultText() + "`",
                        key.isLive() ? "at once" : "restart",
                        String.join(", ", options),
                        key.description());
    }

    @Test
    void theTableHasEveryKeyWithItsDefault() throws IOException {
        assertThat(Files.readAllLines(PAGE).stream().filter(l -> l.startsWith("| `")))
                .containsExactlyElementsOf(
                        ConfigKeys.ALL.stream().map(ReferenceTest::row).toList());
    }

    @Test
    void theSampleIsTheFileOfDefaults() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("```yaml\n# Each key") + "```yaml\n".length();
        assertThat(page.substring(start, page.indexOf("```", start))).isEqualTo(DefaultFile.text());
    }

    @Test
    void a16_7_theFileOfDefaultsIsReadAsTheDefaults() throws ConfigException {
        ConfigFile file = ConfigFile.parse(Path.of("f.yaml"), DefaultFile.text().getBytes(UTF_8));
        assertThat(AgentOptions.DEFAULT.with(file.layer()::apply)).isEqualTo(AgentOptions.DEFAULT);
    }

    /// What `/configz` tells can be given as a file again.
    @Test
    void aDescriptionIsReadAsWhatItDescribes() throws ConfigException {
        AgentOptions options =
                AgentOptions.DEFAULT.with(d -> {
                    d.threads = 7;
                    d.nodeName = "n1";
                    d.source = d.source.withKubeconfig(Path.of("/k"));
                });
        Map<String, Object> description = ConfigKeys.describe(options);
        byte[] json = JsonMapper.shared().writeValueAsBytes(description);
        ConfigFile file = ConfigFile.parse(Path.of("f.json"), json);
        assertThat(AgentOptions.DEFAULT.with(file.layer()::apply)).isEqualTo(options);
    }
}
