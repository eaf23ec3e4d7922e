package dev.toolpost.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdkCheckTest {
    @ParameterizedTest
    @ValueSource(strings = {"17.0.15+6", "25+36-LTS", "25.0.2+10-LTS"})
    void refusesWhereAVirtualThreadCanStayParked(String version) {
        assertThat(JdkCheck.problem(Runtime.Version.parse(version)))
                .contains("Java " + version, "25.0.3 or newer", "JDK-8369227", "JAVA_HOME");
    }

    @ParameterizedTest
    @ValueSource(strings = {"25.0.3+9-LTS", "25.0.4", "26", "27-ea+3"})
    void acceptsNewerOnes(String version) {
        assertThat(JdkCheck.problem(Runtime.Version.parse(version))).isNull();
    }
}
