package io.fairlead.k8s.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.watch.ManifestFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// One folder of manifests for each Service rule, named by its id, with the plan the rule asks for.
///
/// `expected.json` is written from the rule's text; the wording of problems is free. A folder of
/// numbered steps is a sequence of states of the same cluster. `options` holds arguments of `plan`
/// other than the node's name, which is `n1`.
class RuleFoldersTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path RULES = Path.of("src/test/resources/rules");

    @TestFactory
    Stream<DynamicTest> rules() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path rule : folders(RULES)) {
            List<Path> steps = folders(rule);
            for (Path state : steps.isEmpty() ? List.of(rule) : steps) {
                String name = RULES.relativize(state).toString();
                tests.add(DynamicTest.dynamicTest(name, state.toUri(), () -> check(state)));
            }
            if (!steps.isEmpty()) {
                String name = RULES.relativize(rule) + " step by step";
                tests.add(DynamicTest.dynamicTest(name, rule.toUri(), () -> checkSteps(steps)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(80);
        return tests.stream();
    }

    private static List<Path> folders(Path of) throws IOException {
        try (Stream<Path> entries = Files.list(of)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static void check(Path folder) throws IOException {
        StringWriter out = new StringWriter();
        CommandLine command = new CommandLine(new PlanCommand()).setOut(new PrintWriter(out));
        int exit = command.execute(arguments(folder).toArray(String[]::new));
        assertThat(exit).isZero();
        assertPlan(out.toString(), folder);
    }

    private static List<String> arguments(Path folder) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(folder.toString(), "-o", "json"));
        Path options = folder.resolve("options");
        if (Files.exists(options)) {
            arguments.addAll(List.of(Files.readString(options).strip().split(" ")));
        }
        if (!arguments.contains("--node-name")) {
            arguments.addAll(List.of("--node-name", "n1"));
        }
        return arguments;
    }

    private static void checkSteps(List<Path> steps) throws IOException {
        Localiser localiser = new Localiser(LocalOptions.forNode("n1"));
        for (Path step : steps) {
            ClusterUpdate update = ManifestFolder.read(step);
            Plan plan = Plan.of("n1", localiser.localise(update.state()), update.problems());
            assertPlan(PlanJson.write(plan), step);
        }
    }

    private static void assertPlan(String actual, Path folder) throws IOException {
        JsonNode expected = JSON.readTree(Files.readString(folder.resolve("expected.json")));
        JsonNode plan = JSON.readTree(actual);
        for (JsonNode problem : plan.get("problems")) {
            assertThat(problem.get("message").stringValue()).isNotBlank();
            ((ObjectNode) problem).put("message", "...");
        }
        assertThat(plan.toPrettyString()).isEqualTo(expected.toPrettyString());
    }
}
