package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TokenEndpointTest {

    private static final String CONTACTS = "/crm/v3/objects/contacts";
    private static final String FORM = "application/x-www-form-urlencoded";

    private SimulatedVendor vendor = SimulatedVendor.start();

    @AfterEach
    void stop() {
        vendor.close();
    }

    private Http.Answer refresh(OAuthGrant grant) throws Exception {
        return refresh(grant, grant.refreshToken());
    }

    private Http.Answer refresh(OAuthGrant grant, String refreshToken) throws Exception {
        return token(
                grant,
                "grant_type=refresh_token&client_id=" + grant.clientId() + "&client_secret=" + grant.clientSecret()
                        + "&refresh_token=" + URLEncoder.encode(refreshToken, StandardCharsets.UTF_8));
    }

    private Http.Answer token(OAuthGrant grant, String form, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", FORM));
        return Http.send(vendor.uri(), "POST", grant.tokenUri().getPath(), form, all.toArray(new String[0]));
    }

    private Http.Answer list(String accessToken) throws Exception {
        return Http.send(vendor.uri(), "GET", CONTACTS, null, "Authorization", "Bearer " + accessToken);
    }

    @Test
    void hubSpotGivesANewAccessTokenAndKeepsTheRefreshToken() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        assertThat(grant.tokenUri()).isEqualTo(vendor.uri().resolve("/oauth/v3/token"));
        assertThat(list(grant.accessToken()).status()).isEqualTo(200);
        Http.Answer answer = refresh(grant);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        JsonNode tokens = answer.json();
        assertThat(tokens.path("expires_in").asInt()).isEqualTo(1800);
        assertThat(tokens.path("refresh_token").asString()).isEqualTo(grant.refreshToken());
        assertThat(list(tokens.path("access_token").asString()).status()).isEqualTo(200);
        assertThat(vendor.grant(grant.id()).accessToken())
                .isEqualTo(tokens.path("access_token").asString());
        assertThat(vendor.oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(1, 1, 0, 0, 0));
    }

    @Test
    void aCodeIsGoodOnceForItsVerifierAndRedirectAndRevokesTheGrantWhenItComesTwice() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        String verifier = "a-verifier-of-at-least-43-characters-0123456789";
        String challenge = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        String back = "http://127.0.0.1:9/callback";
        String ask = "/oauth/authorize?response_type=code&client_id=" + grant.clientId() + "&redirect_uri="
                + URLEncoder.encode(back, StandardCharsets.UTF_8)
                + "&state=s1&code_challenge_method=S256&code_challenge="
                + challenge;
        assertThat(Http.send(vendor.uri(), "GET", ask.replace("127.0.0.1", "evil.example"), null)
                        .status())
                .isEqualTo(400);
        assertThat(Http.send(vendor.uri(), "GET", ask + "&decision=deny", null).header("Location"))
                .isEqualTo(back + "?error=access_denied&state=s1");
        assertThat(redeemed(grant, code(ask), back, "wrong").status()).isEqualTo(400);
        assertThat(redeemed(grant, code(ask), back + "/other", verifier).status())
                .isEqualTo(400);
        String code = code(ask);
        Http.Answer answer = redeemed(grant, code, back, verifier);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(list(answer.json().path("access_token").asString()).status()).isEqualTo(200);
        assertThat(list(grant.accessToken()).status()).isEqualTo(401);
        assertThat(redeemed(grant, code, back, verifier).status()).isEqualTo(400);
        assertThat(list(answer.json().path("access_token").asString()).status()).isEqualTo(401);
    }

    private String code(String ask) throws Exception {
        String location =
                Http.send(vendor.uri(), "GET", ask + "&decision=allow", null).header("Location");
        return location.replaceFirst(".*code=", "").replaceFirst("&.*", "");
    }

    private Http.Answer redeemed(OAuthGrant grant, String code, String back, String verifier) throws Exception {
        return token(
                grant,
                "grant_type=authorization_code&client_id=" + grant.clientId() + "&client_secret=" + grant.clientSecret()
                        + "&code=" + code + "&redirect_uri=" + URLEncoder.encode(back, StandardCharsets.UTF_8)
                        + "&code_verifier=" + verifier);
    }

    @Test
    void anAccessTokenEndsWithItsLifeAndIsRefreshed() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().withLifetime(Duration.ofMinutes(5)));
        vendor.advanceClock(Duration.ofMinutes(4));
        assertThat(list(grant.accessToken()).status()).isEqualTo(200);
        vendor.advanceClock(Duration.ofMinutes(1));
        Http.Answer expired = list(grant.accessToken());
        assertThat(expired.status()).isEqualTo(401);
        assertThat(expired.json().path("category").asString()).isEqualTo("EXPIRED_AUTHENTICATION");
        String fresh = refresh(grant).json().path("access_token").asString();
        assertThat(list(fresh).status()).isEqualTo(200);
        vendor.expireTokens();
        assertThat(list(fresh).status()).isEqualTo(401);
        assertThat(refresh(grant).status()).isEqualTo(200);
    }

    @Test
    void allTokensOfAGrantShareItsRateLimit() throws Exception {
        vendor.close();
        vendor = SimulatedVendor.builder().limit(2, Duration.ofMinutes(1)).start();
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        assertThat(list(grant.accessToken()).status()).isEqualTo(200);
        String fresh = refresh(grant).json().path("access_token").asString();
        assertThat(list(fresh).status()).isEqualTo(200);
        assertThat(list(fresh).status()).isEqualTo(429);
        assertThat(list(vendor.grant(GrantSpec.usual()).accessToken()).status()).isEqualTo(200);
    }

    @Test
    void aRotatedRefreshTokenThatComesAgainRevokesTheWholeGrant() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().withRotation(true));
        JsonNode tokens = refresh(grant).json();
        String second = tokens.path("refresh_token").asString();
        assertThat(second).isNotEqualTo(grant.refreshToken());
        vendor.advanceClock(Duration.ofMillis(1));
        Http.Answer reused = refresh(grant);
        assertThat(reused.status()).isEqualTo(400);
        assertThat(reused.json().path("status").asString()).isEqualTo("BAD_REFRESH_TOKEN");
        assertThat(refresh(grant, second).status()).isEqualTo(400);
        assertThat(list(tokens.path("access_token").asString()).status()).isEqualTo(401);
        assertThat(vendor.grant(grant.id()).revoked()).isTrue();
        assertThat(vendor.oauth().of(grant.id())).isEqualTo(new OAuthStats.Counts(3, 1, 2, 1, 0));
    }

    @Test
    void withinTheLeewayARotatedRefreshTokenIsTakenAgain() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().withRotation(true).withReuseLeeway(Duration.ofMinutes(10)));
        String second = refresh(grant).json().path("refresh_token").asString();
        vendor.advanceClock(Duration.ofMinutes(9));
        String third = refresh(grant).json().path("refresh_token").asString();
        assertThat(third).isNotEqualTo(second);
        assertThat(vendor.oauth().of(grant.id()).replayed()).isEqualTo(1);
        vendor.advanceClock(Duration.ofMinutes(30));
        assertThat(refresh(grant, second).status()).isEqualTo(200);
        assertThat(refresh(grant, third).status()).isEqualTo(200);
        assertThat(refresh(grant).status()).isEqualTo(400);
        assertThat(vendor.oauth().of(grant.id()).reused()).isEqualTo(1);
    }

    @Test
    void aRevokedGrantIsDead() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        vendor.revoke(grant.id());
        Http.Answer refused = list(grant.accessToken());
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("category").asString()).isEqualTo("INVALID_AUTHENTICATION");
        assertThat(refresh(grant).json().path("status").asString()).isEqualTo("BAD_REFRESH_TOKEN");
        assertThatThrownBy(() -> vendor.revoke("grant-9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("grant-1");
    }

    @Test
    void whoeverAsksWronglyIsToldWhy() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual());
        OAuthGrant other = vendor.grant(GrantSpec.usual());
        assertThat(error(token(grant, "grant_type=refresh_token&client_id=x&client_secret=y&refresh_token=z"), 401))
                .isEqualTo("invalid_client");
        assertThat(error(token(grant, "hello"), 400)).isEqualTo("invalid_request");
        assertThat(error(token(grant, ""), 400)).isEqualTo("invalid_request");
        assertThat(error(token(grant, "grant_type=password"), 400)).isEqualTo("unsupported_grant_type");
        String client = "grant_type=refresh_token&client_id=" + grant.clientId() + "&client_secret=";
        assertThat(error(token(grant, client + grant.clientSecret()), 400)).isEqualTo("invalid_request");
        assertThat(error(token(grant, client + "wrong&refresh_token=" + grant.refreshToken()), 401))
                .isEqualTo("invalid_client");
        assertThat(refresh(grant, other.refreshToken()).status()).isEqualTo(400);
        assertThat(refresh(grant, "unknown").json().path("status").asString()).isEqualTo("BAD_REFRESH_TOKEN");
        assertThat(error(
                        Http.send(
                                vendor.uri(),
                                "POST",
                                "/oauth/v3/token",
                                "{\"grant_type\":\"refresh_token\"}",
                                "Content-Type",
                                "application/json"),
                        400))
                .isEqualTo("invalid_request");
        assertThat(Http.send(vendor.uri(), "GET", "/oauth/v1/token", null).status())
                .isEqualTo(405);
        assertThat(vendor.oauth().all()).isEqualTo(new OAuthStats.Counts(10, 0, 10, 0, 0));
        assertThat(refresh(other).status()).isEqualTo(200);
    }

    private static String error(Http.Answer answer, int status) {
        assertThat(answer.status()).isEqualTo(status);
        return answer.json().path("error").asString();
    }

    @Test
    void aGrantMayAskForBasicAuthentication() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().withClientAuth(GrantSpec.ClientAuth.BASIC));
        assertThat(basic(grant).status()).isEqualTo(200);
        assertThat(refresh(grant).status()).isEqualTo(401);
        assertThat(basic(vendor.grant(GrantSpec.usual())).status()).isEqualTo(401);
    }

    private Http.Answer basic(OAuthGrant grant) throws Exception {
        String client = grant.clientId() + ":" + grant.clientSecret();
        return token(
                grant,
                "grant_type=refresh_token&refresh_token=" + grant.refreshToken(),
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(client.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aGrantMayBeForReadingOnly() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().forReading());
        assertThat(list(grant.accessToken()).status()).isEqualTo(200);
        assertThat(Http.send(
                                vendor.uri(),
                                "POST",
                                CONTACTS,
                                "{\"properties\":{}}",
                                "Authorization",
                                "Bearer " + grant.accessToken())
                        .json()
                        .path("category")
                        .asString())
                .isEqualTo("MISSING_SCOPES");
    }

    @Test
    void theTokenEndpointFailsOnDemandBeforeAndAfterTheRotation() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().withRotation(true));
        vendor.inject(Fault.status(503).on("POST", "/oauth/*").times(1));
        vendor.inject(Fault.resetAfterProcessing().on("POST", "/oauth/*").times(1));
        assertThat(refresh(grant).status()).isEqualTo(503);
        assertThat(vendor.grant(grant.id()).refreshToken()).isEqualTo(grant.refreshToken());
        assertThatThrownBy(() -> refresh(grant)).isInstanceOf(IOException.class);
        OAuthGrant rotated = vendor.grant(grant.id());
        assertThat(rotated.refreshToken()).isNotEqualTo(grant.refreshToken());
        OAuthStats.Counts counts = vendor.oauth().of(grant.id());
        assertThat(counts.granted()).isEqualTo(1);
        assertThat(counts.asked()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void manyRefreshesAtOnceAreEachCounted() throws Exception {
        OAuthGrant grant = vendor.grant(GrantSpec.usual().withRotation(true));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(threads.submit(() -> {
                    vendor.advanceClock(Duration.ofMillis(1));
                    return refresh(grant).status();
                }));
            }
            int granted = 0;
            for (Future<Integer> answer : answers) {
                granted += answer.get() == 200 ? 1 : 0;
            }
            OAuthStats.Counts counts = vendor.oauth().of(grant.id());
            assertThat(counts.asked()).isEqualTo(50);
            assertThat(counts.granted()).isEqualTo(granted);
            assertThat(counts.reused()).isEqualTo(1);
            assertThat(vendor.grant(grant.id()).revoked()).isTrue();
        }
    }

    @Test
    void grantsAreControlledFromElsewhere() throws Exception {
        try (RemoteVendor remote = new RemoteVendor(vendor.uri())) {
            OAuthGrant grant = remote.grant(GrantSpec.usual()
                    .withLifetime(Duration.ofSeconds(90))
                    .withRotation(true)
                    .withReuseLeeway(Duration.ofSeconds(5))
                    .withClientAuth(GrantSpec.ClientAuth.BODY)
                    .forReading());
            assertThat(remote.grant(grant.id()))
                    .isEqualTo(vendor.grant(grant.id()))
                    .isEqualTo(grant);
            assertThat(refresh(grant).json().path("expires_in").asInt()).isEqualTo(90);
            remote.expireTokens();
            remote.advanceClock(Duration.ofSeconds(6));
            assertThat(refresh(grant).status()).isEqualTo(400);
            assertThat(remote.oauth()).isEqualTo(vendor.oauth());
            assertThat(remote.oauth().of(grant.id()).reused()).isEqualTo(1);
            OAuthGrant next = remote.grant(GrantSpec.usual());
            remote.revoke(next.id());
            assertThat(remote.grant(next.id()).revoked()).isTrue();
            vendor.reset();
            assertThat(remote.oauth().all()).isEqualTo(OAuthStats.Counts.NONE);
            assertThat(remote.grant(next.id()).revoked()).isTrue();
        }
    }
}
