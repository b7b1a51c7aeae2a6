package io.fairlead.k8s.cli;

import java.util.Arrays;

/// Where the `fairlead` program starts in the image: a script whose interpreter is `java`.
///
/// Linux hands an interpreter the name of its script before the arguments.
public final class Script {

    private Script() {}

    public static void main(String[] arguments) {
        Main.main(Arrays.copyOfRange(arguments, Math.min(1, arguments.length), arguments.length));
    }
}
