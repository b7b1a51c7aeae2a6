package io.fairlead.bench.report;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/// The files of a run: `run.json` and `.hlog` hold what was measured, the pages are made of them.
public final class Report {

    private Report() {}

    /// Writes all of them; the folder is made where it is not there.
    public static void write(Run run, Latencies latencies, Path folder) throws IOException {
        Files.createDirectories(folder);
        RunFile.write(run, folder);
        latencies.write(folder);
        writePages(run, latencies, folder);
    }

    /// Writes the pages alone.
    static void writePages(Run run, Latencies latencies, Path folder) throws IOException {
        Files.writeString(folder.resolve("report.md"), MarkdownPage.of(run, latencies));
        String html = HtmlPage.of(run, latencies);
        requireWellFormed("report.html", html);
        Files.writeString(folder.resolve("report.html"), html);
        if (!Overview.cells(run).isEmpty()) {
            String plot = Overview.of(run).alone(Style.CHARTS.get());
            requireWellFormed("plot.svg", plot);
            Files.writeString(folder.resolve("plot.svg"), plot);
        }
    }

    /// Whether every element ends where it must: both kinds of file are XML.
    private static void requireWellFormed(String file, String text) throws IOException {
        try {
            SAXParserFactory.newInstance()
                    .newSAXParser()
                    .parse(new InputSource(new StringReader(text)), new DefaultHandler());
        } catch (SAXException e) {
            throw new IllegalStateException(file + " is not well formed: " + e.getMessage(), e);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }
}
