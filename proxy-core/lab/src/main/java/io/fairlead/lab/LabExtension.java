package io.fairlead.lab;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A lab for one test class: made before its first test, removed after its last.
///
/// ```java
/// @RegisterExtension static final LabExtension LAB = LabExtension.with(Lab.Part.BRIDGE);
/// ```
public final class LabExtension extends Lab implements BeforeAllCallback, AfterAllCallback {

    /// Classes under way: JUnit calls for nested classes too, inside the calls for the outer one.
    private int classes;

    private LabExtension(Part... parts) {
        super(new Topology(setOf(parts)));
    }

    /// Nodes, a client outside, and pods on routed links.
    public static LabExtension standard() {
        return new LabExtension();
    }

    /// The same and these parts.
    public static LabExtension with(Part... parts) {
        return new LabExtension(parts);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (classes++ == 0) {
            start();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (--classes == 0) {
            close();
        }
    }
}
