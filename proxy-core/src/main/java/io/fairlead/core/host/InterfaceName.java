package io.fairlead.core.host;

/// Interfaces of this node by name: one, `cni0`, or all whose names begin alike, `cali*`.
///
/// @param text as it is written
public record InterfaceName(String text) {

    /// IFNAMSIZ of linux/if.h, without the zero at the end.
    private static final int MAX_LENGTH = 15;

    /// @throws IllegalArgumentException for what is no name, or no more than a star
    public InterfaceName {
        String name = text.endsWith("*") ? text.substring(0, text.length() - 1) : text;
        if (name.isEmpty() || name.length() > MAX_LENGTH || !name.matches("[^\\s/:*]+")) {
            throw new IllegalArgumentException("no name of an interface");
        }
    }

    boolean matches(String name) {
        return text.endsWith("*")
                ? name.startsWith(text.substring(0, text.length() - 1))
                : name.equals(text);
    }
}
