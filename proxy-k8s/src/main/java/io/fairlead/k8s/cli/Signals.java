package io.fairlead.k8s.cli;

import java.lang.reflect.Proxy;
import org.slf4j.LoggerFactory;

/// Signals of the operating system, by the JDK's `sun.misc.Signal`: a shutdown hook learns of the
/// first one only, and cannot put the end off.
///
/// By reflection, since compilers warn of its use and cannot be told not to.
final class Signals {

    private Signals() {}

    /// Runs `action` at each signal of that name, on a thread of its own, in place of what the JVM
    /// does.
    ///
    /// @param name without SIG
    /// @return false where the JVM does not let us, as with `-Xrs`
    @SuppressWarnings("ReferenceEquality") // what equals of a proxy is
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy =
                    Proxy.newProxyInstance(
                            handler.getClassLoader(),
                            new Class<?>[] {handler},
                            (self, method, arguments) ->
                                    switch (method.getName()) {
                                        case "handle" -> {
                                            action.run();
                                            yield null;
                                        }
                                        case "hashCode" -> System.identityHashCode(self);
                                        case "equals" -> self == arguments[0];
                                        default -> "SIG" + name;
                                    });
            var _ =
                    signal.getMethod("handle", signal, handler)
                            .invoke(
                                    null,
                                    signal.getConstructor(String.class).newInstance(name),
                                    proxy);
            return true;
        } catch (ReflectiveOperationException e) {
            LoggerFactory.getLogger(Signals.class).debug("SIG{} is the JVM's", name, e);
            return false;
        }
    }
}
