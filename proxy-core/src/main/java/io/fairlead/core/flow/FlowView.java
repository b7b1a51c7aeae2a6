package io.fairlead.core.flow;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import org.jspecify.annotations.Nullable;

/// One live flow as it was when its event loop was asked.
///
/// @param source the address that the backend sees; null when it is not known
/// @param ageNs since it began
/// @param receivedBytes from the client
/// @param returnedBytes from the backend
public record FlowView(
        Protocol protocol,
        AddressPort client,
        AddressPort vip,
        ServicePortName service,
        AddressPort backend,
        @Nullable AddressPort source,
        long ageNs,
        long receivedBytes,
        long returnedBytes,
        State state) {

    /// How far it is.
    public enum State {
        /// The backend has not answered yet.
        CONNECTING,
        /// Both directions are open.
        OPEN,
        /// The client has said all it had to say.
        CLIENT_FINISHED,
        /// The backend has said all it had to say.
        BACKEND_FINISHED,
        /// UDP: nothing came back yet.
        UNREPLIED,
        /// UDP: the backend has answered.
        REPLIED
    }
}
