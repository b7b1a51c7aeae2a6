package io.fairlead.k8s.admin;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/// Who is at the other end of a unix socket, as the kernel says.
final class PeerUser {

    /// Without a user database root is its number.
    private static final String ROOT = "root";

    private static final String ROOT_NUMBER = "0";

    private PeerUser() {}

    /// Whether the peer is root, or the user whose socket file this is.
    static boolean isAllowed(SocketChannel client, Path socket) throws IOException {
        UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return peer.getName().equals(ROOT)
                || peer.getName().equals(ROOT_NUMBER)
                || peer.equals(Files.getOwner(socket));
    }
}
