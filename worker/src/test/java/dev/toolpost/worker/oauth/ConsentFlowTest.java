package dev.toolpost.worker.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.connectors.Auth;
import dev.toolpost.connectors.Connector;
import dev.toolpost.connectors.ConnectorLoader;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.credentials.Secret;
import dev.toolpost.worker.http.AddressPolicy;
import dev.toolpost.worker.http.RoutedServer;
import dev.toolpost.worker.http.RoutedServer.Answer;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorHttpSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is made of a vendor's answers while a person types a code on another device (RFC 8628, 3.5). */
class ConsentFlowTest {
    private static final Connector CONNECTOR = new ConnectorLoader().load("lamp.yaml", """
            vendor: lamp
            title: Lamp
            base_url: "{api}"
            variables: { api: { kind: url } }
            auth:
              - kind: oauth2
                token_url: "{api}/token"
                default_lifetime: 1h
                authorize: { url: "{api}/authorize", device_url: "{api}/device" }
            tools:
              get_lamp:
                description: Gets the lamp.
                effect: read
                request: { path: /lamp }
            """);

    @Test
    void theVendorsWishesAreKeptUntilThePersonDecidesOrTheCodeEnds() throws Exception {
        try (RoutedServer vendor = RoutedServer.start();
                VendorHttp http = new VendorHttp(
                        VendorHttpSettings.DEFAULTS.withAddresses(AddressPolicy.allowing(List.of("127.0.0.1"))))) {
            vendor.on(
                    "POST /device",
                    asked -> Answer.json("{\"device_code\":\"d-1\",\"user_code\":\"WXYZ\",\"verification_uri\":\""
                            + vendor.url() + "/type\",\"expires_in\":600,\"interval\":2}"));
            ConsentFlow flow = new ConsentFlow(
                    CONNECTOR,
                    (Auth.OAuth2) Objects.requireNonNull(CONNECTOR.auth("oauth2")),
                    new ConnectionRecord(
                            "acme",
                            "lamp",
                            "lamp",
                            "oauth2",
                            Map.of("api", vendor.url()),
                            Map.of(),
                            Set.of(),
                            Map.of()),
                    Secret.of("client_id", "app").with("client_secret", "s"),
                    http,
                    InstantSource.system(),
                    new SecureRandom());
            DeviceCode code = flow.deviceCode(List.of());
            assertThat(code.interval()).isEqualTo(Duration.ofSeconds(2));

            answers(vendor, Answer.of(400, "{\"error\":\"authorization_pending\"}"));
            assertThat(flow.redeem(code)).isEqualTo(new Consented.Pending(Duration.ofSeconds(2)));
            answers(vendor, Answer.of(400, "{\"error\":\"slow_down\"}"));
            assertThat(flow.redeem(code)).isEqualTo(new Consented.Pending(Duration.ofSeconds(7)));
            assertThat(flow.redeem(code)).isEqualTo(new Consented.Pending(Duration.ofSeconds(12)));
            answers(vendor, Answer.of(400, "{\"error\":\"authorization_pending\"}"));
            assertThat(flow.redeem(code)).as("it stays slow").isEqualTo(new Consented.Pending(Duration.ofSeconds(12)));

            answers(vendor, Answer.of(400, "{\"error\":\"access_denied\"}"));
            assertThat(flow.redeem(code)).isEqualTo(new Consented.Refused("the person has refused"));
            answers(vendor, Answer.of(400, "{\"error\":\"expired_token\"}"));
            assertThat(flow.redeem(code)).isEqualTo(new Consented.Refused("the code was not typed in time"));
            answers(vendor, Answer.of(400, "{\"error\":\"invalid_grant\",\"error_description\":\"no d-1\"}"));
            assertThat(flow.redeem(code))
                    .isInstanceOfSatisfying(
                            Consented.Refused.class,
                            refused -> assertThat(refused.message())
                                    .contains("invalid_grant")
                                    .doesNotContain("d-1"));
            answers(vendor, Answer.json("{\"access_token\":\"a\",\"refresh_token\":\"r\"}"));
            assertThat(flow.redeem(code))
                    .isInstanceOfSatisfying(
                            Consented.Granted.class,
                            granted -> assertThat(granted.secret().get("refresh_token"))
                                    .isEqualTo("r"));
            assertThat(flow.redeem(code).toString() + code).doesNotContain("d-1");
        }
    }

    private static void answers(RoutedServer vendor, Answer answer) {
        vendor.on("POST /token", asked -> answer);
    }
}
