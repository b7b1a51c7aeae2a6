package io.fairlead.bench.report;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `proxy-bench report`.
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Makes the pages of a run again from its data.")
public final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "what `run --out` wrote")
    private Path folder = Path.of(".");

    @Override
    public Integer call() throws Exception {
        Report.writePages(RunFile.read(folder), Latencies.read(folder), folder);
        System.out.println(folder.resolve("report.html").toAbsolutePath());
        return 0;
    }
}
