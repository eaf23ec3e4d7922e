package dev.toolpost.cli;

import dev.toolpost.client.PendingCall;
import dev.toolpost.sandbox.Fault;
import dev.toolpost.sandbox.OAuthGrant;
import dev.toolpost.sandbox.OAuthStats;
import dev.toolpost.sandbox.VendorStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An access token ends under a load of calls: it is fetched anew once, and no call notices. */
final class DemoRefresh {
    private static final int CALLS = 200;
    private static final String CONNECTION = "oauth-hubspot";

    /** How long the vendor takes to answer, so that many calls are under way with the old token. */
    private static final Duration LATENCY = Duration.ofMillis(50);

    private static final Duration TOKEN_LATENCY = Duration.ofMillis(400);

    private final DemoStage stage;
    private final DemoReport report;

    DemoRefresh(DemoStage stage, DemoReport report) {
        this.stage = stage;
        this.report = report;
    }

    void run() throws InterruptedException {
        report.begin(
                "Expired token",
                "refreshed once for all",
                CALLS
                        + " calls at once for an account by OAuth2, whose access token the vendor has just ended, half an hour"
                        + " before its time. Toolpost learns it from the first 401, fetches a new token once, and sends again.");
        OAuthGrant grant = stage.accounts().hubspotByOAuth(CONNECTION);
        stage.vendor().reset();
        stage.vendor().inject(Fault.latency(LATENCY).on("GET", "*"));
        stage.vendor().inject(Fault.latency(TOKEN_LATENCY).on("POST", "/oauth/*"));
        stage.vendor().expireTokens();
        List<PendingCall> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            calls.add(stage.client()
                    .call(DemoStage.call("hubspot_get_contact", CONNECTION, "{\"contact_id\":\"" + (51 + i) + "\"}")
                            .build()));
        }
        report.sent(CALLS + " calls of hubspot_get_contact");
        Progress.await(calls, report, "answered");
        VendorStats seen = stage.vendor().stats();
        OAuthStats.Counts tokens = stage.vendor().oauth().of(grant.id());
        long answered = calls.stream().filter(Progress::isOk).count();
        report.vendorSaw(VendorSide.seen(seen));
        report.also("token requests: " + tokens.asked() + ", granted " + tokens.granted() + ", refused "
                + tokens.refused());
        report.cameBack(answered + " results; no agent saw one of the " + seen.unauthorized() + " answers 401");
        report.check("the token had expired", seen.unauthorized() > 0);
        report.check("every call was answered with a result", answered == CALLS);
        report.check("one token request reached the vendor", tokens.asked() == 1 && tokens.granted() == 1);
        report.check("the vendor's limit held", seen.violations() == 0);
        report.end(answered + " of " + CALLS + " answered; token requests the vendor saw: " + tokens.asked());
    }
}
