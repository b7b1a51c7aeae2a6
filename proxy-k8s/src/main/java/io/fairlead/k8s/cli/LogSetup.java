package io.fairlead.k8s.cli;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/// Sets logging up: lines on standard error, written by a thread of their own.
///
/// A full queue drops lines, it never blocks an event loop. In code rather than XML, which costs a
/// tenth of a second at start. Found through `META-INF/services`. The level is `FAIRLEAD_LOG` of
/// the environment: error, warn, info (default), debug or trace.
public final class LogSetup extends ContextAwareBase implements Configurator {

    private static final int QUEUE_LINES = 4096;

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        // A value from a manifest stays on its line: control characters become underscores.
        encoder.setPattern(
                "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}:"
                        + " %replace(%msg){'[\\x00-\\x1f\\x7f]','_'}%n%ex");
        encoder.start();

        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();

        AsyncAppender async = new AsyncAppender();
        async.setContext(context);
        async.setQueueSize(QUEUE_LINES);
        async.setNeverBlock(true);
        async.addAppender(console);
        async.start();

        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(level());
        root.addAppender(async);
        quiet(context, "io.netty");
        quiet(context, "io.fabric8");
        // Its informers log every attempt with a stack trace; ours is told once a minute in a line.
        context.getLogger("io.fabric8.kubernetes.client").setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// From now on, what is this grave and graver.
    static void setLevel(org.slf4j.event.Level level) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
                    .setLevel(Level.convertAnSLF4JLevel(level));
        }
    }

    /// Writes what is queued; nothing is logged afterwards.
    static void flush() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
    }

    private static Level level() {
        String wanted = System.getenv("FAIRLEAD_LOG");
        return wanted == null
                ? Level.INFO
                : Level.toLevel(wanted.toUpperCase(Locale.ROOT), Level.INFO);
    }

    private static void quiet(LoggerContext context, String library) {
        context.getLogger(library).setLevel(Level.WARN);
    }
}
