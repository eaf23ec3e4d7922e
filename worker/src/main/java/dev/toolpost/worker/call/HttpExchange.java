package dev.toolpost.worker.call;

import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import java.time.InstantSource;

/** A request over HTTP. */
record HttpExchange(
        VendorHttp http,
        InstantSource clock,
        ToolRef ref,
        ConnectionRecord connection,
        Arguments arguments,
        VendorRequest request)
        implements Exchange {

    @Override
    public String server() {
        return request.uri().getRawAuthority();
    }

    @Override
    public String shown() {
        return DryRun.describe(RequestBuilder.redacted(request, ref.connector(), connection));
    }

    @Override
    public Made make(long untilNanos) {
        HttpOutcome outcome = http.exchange(request, untilNanos);
        AskedPage asked =
                AskedPage.of(ref.tool(), request, arguments.values(), arguments.vendorCursor(), arguments.limit());
        return new Made(
                Classifier.classify(ref.connector(), ref.tool(), outcome, asked, clock.instant()),
                trace(outcome),
                outcome.took());
    }

    private static Trace trace(HttpOutcome outcome) {
        return switch (outcome) {
            case HttpOutcome.Answered answered -> Trace.ANSWERED;
            case HttpOutcome.TooLarge tooLarge -> Trace.ANSWERED;
            case HttpOutcome.Unanswered unanswered -> Trace.UNANSWERED;
            case HttpOutcome.NotSent notSent -> Trace.NONE;
        };
    }
}
