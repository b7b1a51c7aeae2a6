package io.fairlead.k8s.status;

import java.io.IOException;
import java.io.OutputStream;

/// What a server of ours answers.
sealed interface HttpAnswer permits HttpReply, HttpAnswer.Stream {

    /// One with code 200 that is sent while it is made, so that nobody holds all of it.
    record Stream(String contentType, Source source) implements HttpAnswer {}

    /// Where a stream comes from.
    interface Source {

        /// Writes all of it; waits where the reader is slow.
        void writeTo(OutputStream out) throws IOException;
    }
}
