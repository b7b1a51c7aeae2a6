package io.fairlead.core.capture;

import io.fairlead.core.host.HostProgram;
import io.fairlead.core.kernel.Capabilities;
import io.fairlead.core.kernel.Capabilities.Name;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a way of capture needs of this process and this node.
final class Needs {

    private Needs() {}

    /// Checks what can be told beforehand.
    ///
    /// @throws IOException when something is missing; names all that is
    static void of(CaptureMode mode) throws IOException {
        Capabilities mine = Capabilities.ofThisProcess();
        List<String> missing = new ArrayList<>();
        if (!mine.has(Name.CAP_NET_ADMIN)) {
            missing.add("the capability CAP_NET_ADMIN");
        }
        if (mode == CaptureMode.BPF && !mine.has(Name.CAP_BPF) && !mine.has(Name.CAP_SYS_ADMIN)) {
            missing.add("the capability CAP_BPF");
        }
        HostProgram.ip().missing().ifPresent(missing::add);
        if (!missing.isEmpty()) {
            throw new IOException(
                    "capture by "
                            + mode.word()
                            + " needs "
                            + String.join(" and ", missing)
                            + (missing.size() == 1 ? ", which is" : ", which are")
                            + " missing");
        }
    }
}
