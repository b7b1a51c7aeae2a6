package io.fairlead.k8s;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The network namespace of this process.
final class NetworkNamespace {

    private static final Path OWN = Path.of("/proc/self/ns/net");

    private NetworkNamespace() {}

    /// Its inode, which tells it from others; 0 where that cannot be known.
    static long inode() {
        try {
            // net:[4026531840]
            String name = Files.readSymbolicLink(OWN).toString();
            return Long.parseLong(name.substring(name.indexOf('[') + 1, name.indexOf(']')));
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException _) {
            return 0;
        }
    }
}
