package io.fairlead.k8s.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Fuzz;
import org.junit.jupiter.api.Test;

/// What comes to the admin socket is a request, or none.
class AdminRequestFuzzTest {

    private static final String WHY =
            """
            GET /v1/why?client=10.244.1.10&vip=10.96.0.10%3A80&protocol=TCP HTTP/1.1\r
            Host: [::1]:10250\r
            Accept: application/json\r
            \r
            """;
    private static final String FLOWS =
            "GET /v1/flows?service=default%2Fweb&limit=100 HTTP/1.0\r\n\r\n";

    @Test
    void isARequestOrNone() throws Exception {
        Fuzz.Result result =
                new Fuzz(WHY, FLOWS)
                        .feed(
                                1,
                                bytes -> {
                                    AdminRequest request = AdminRequest.parse(bytes);
                                    if (request == null) {
                                        return false;
                                    }
                                    try {
                                        assertThat(request.count("limit", 1, 100))
                                                .isBetween(1, 100);
                                    } catch (IllegalArgumentException e) {
                                        assertThat(e.getMessage()).startsWith("limit: ");
                                    }
                                    return true;
                                });
        assertThat(result.taken()).isBetween(result.all() / 50, result.all() - 1);
    }
}
