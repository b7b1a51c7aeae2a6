package io.fairlead.core.table;

import io.fairlead.core.service.Cidr;
import java.util.List;

/// Which clients of a frontend are served; the others are refused, before any handshake where the
/// capture can.
///
/// @param outsiders whether clients outside the cluster are
/// @param podsAndNode whether pods and this node are
/// @param ranges the sources that are, of those two; empty means all (SEMANTICS A8.4)
public record Admission(boolean outsiders, boolean podsAndNode, List<Cidr> ranges) {

    /// Everybody.
    public static final Admission ALL = new Admission(true, true, List.of());

    /// Whether it takes more than the frontend to decide.
    public boolean asksForSource() {
        return !outsiders || !podsAndNode || !ranges.isEmpty();
    }
}
