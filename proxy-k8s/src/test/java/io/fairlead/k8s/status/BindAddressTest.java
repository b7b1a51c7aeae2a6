package io.fairlead.k8s.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BindAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:10256", "[::]:0", "[fd00::1]:65535"})
    void readsWhatItWrites(String text) {
        assertThat(Objects.requireNonNull(BindAddress.parse(text))).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "off"})
    void nowhere(String text) {
        assertThat(BindAddress.parse(text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10256", ":10256", "localhost:1", "::1:80", "[1.2.3.4]:1", "1.2.3.4:65536"})
    void saysWhatIsWrong(String text) {
        assertThatThrownBy(() -> BindAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not ADDRESS:PORT");
    }

    @Test
    void theDefaultsAreThoseOfKubeProxy() {
        assertThat(StatusOptions.DEFAULT.healthz()).hasToString("0.0.0.0:10256");
        assertThat(StatusOptions.DEFAULT.metrics()).hasToString("127.0.0.1:10249");
    }
}
