package io.fairlead.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    @TempDir Path folder;

    @Test
    void whatIsWrittenIsReadBackTheSame() throws IOException {
        RunFile.write(Runs.small(), folder);
        assertThat(RunFile.read(folder)).isEqualTo(Runs.small());
    }

    @Test
    void latenciesAreReadBackByCellAndPeer() throws IOException {
        Runs.latencies().write(folder);
        Latencies read = Latencies.read(folder);
        assertThat(folder.resolve("latency-50.hlog")).exists();
        assertThat(read.of("latency-50", "fairlead").orElseThrow())
                .isEqualTo(Runs.latencies().of("latency-50", "fairlead").orElseThrow());
        assertThat(read.of("latency-50", "fairlead").orElseThrow().getTotalCount())
                .isEqualTo(3_000);
        assertThat(read.of("latency-50", "haproxy")).isEmpty();
    }

    @Test
    void thePagesAreTheSameWhenMadeAgainFromTheData() throws IOException {
        Report.write(Runs.small(), Runs.latencies(), folder);
        String html = Files.readString(folder.resolve("report.html"));
        String markdown = Files.readString(folder.resolve("report.md"));
        Report.writePages(RunFile.read(folder), Latencies.read(folder), folder);
        assertThat(folder.resolve("report.html")).hasContent(html);
        assertThat(folder.resolve("report.md")).hasContent(markdown);
    }

    @Test
    void thePageNeedsNothingFromElsewhere() throws IOException {
        Report.write(Runs.small(), Runs.latencies(), folder);
        assertThat(folder.resolve("report.html"))
                .content()
                .contains("<svg", "A &lt;fast&gt; CPU &amp; more")
                .doesNotContain("<script", "src=", "href=", "@import", "url(");
        assertThat(folder.resolve("plot.svg")).content().startsWith("<svg xmlns=");
    }

    @Test
    void aMissingPeerIsSaid() throws IOException {
        Report.write(Runs.small(), Runs.latencies(), folder);
        assertThat(folder.resolve("report.md"))
                .content()
                .contains("Not measured: nginx stream, for nginx is not on the PATH.");
        assertThat(folder.resolve("report.html"))
                .content()
                .contains("Not measured: nginx stream, for nginx is not on the PATH");
    }

    @Test
    void cpuTimeOfTheKernelIsNotMadeUp() throws IOException {
        Report.write(Runs.small(), Runs.latencies(), folder);
        assertThat(folder.resolve("report.md")).content().contains("| the kernel's |");
    }

    @Test
    void whatBeingLookedIntoCostsIsAgainstBothThatAreNot() throws IOException {
        Report.write(Runs.small(), Runs.latencies(), folder);
        assertThat(folder.resolve("report.md"))
                .content()
                .contains(
                        "| Requests with everything on | within 3 % of the rate with nothing on |"
                                + " 0.961 x; of the two with nothing on, one has 1.040 x the"
                                + " other's; the agent's CPU time is more by 0.0 % of all | missed"
                                + " |");
    }

    @Test
    void aFolderWithoutARunIsNamed() {
        assertThatThrownBy(() -> RunFile.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString());
    }

    @Test
    void aRunFileThatIsNoneIsNamed() throws IOException {
        Files.writeString(folder.resolve("run.json"), "{\"date\": \"today\"}");
        assertThatThrownBy(() -> RunFile.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("run.json");
    }
}
