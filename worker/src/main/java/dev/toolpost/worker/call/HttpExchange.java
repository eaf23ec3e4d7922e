package dev.toolpost.worker.call;

import dev.toolpost.connectors.Limit;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.worker.classify.Classifier;
import dev.toolpost.worker.classify.LinkedAnswers;
import dev.toolpost.worker.classify.VendorFeedback;
import dev.toolpost.worker.credentials.ConnectionRecord;
import dev.toolpost.worker.http.HttpOutcome;
import dev.toolpost.worker.http.VendorHttp;
import dev.toolpost.worker.http.VendorRequest;
import dev.toolpost.worker.request.AskedPage;
import dev.toolpost.worker.request.RequestBuilder;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request over HTTP.
 *
 * @param isElsewhere as {@link Exchange#isElsewhere}
 */
record HttpExchange(
        VendorHttp http,
        InstantSource clock,
        ToolRef ref,
        ConnectionRecord connection,
        List<Limit> limits,
        Arguments arguments,
        VendorRequest request,
        boolean isElsewhere)
        implements Exchange {

    @Override
    public String server() {
        return request.address().server().getRawAuthority();
    }

    @Override
    public String shown() {
        return DryRun.describe(RequestBuilder.redacted(request, ref.connector(), connection));
    }

    @Override
    public Made make(long untilNanos) {
        AskedPage asked = asked();
        HttpOutcome outcome = request.withoutEchoes(http.exchange(request, untilNanos));
        Instant now = clock.instant();
        return new Made(
                isElsewhere
                        ? LinkedAnswers.classify(ref.connector(), ref.tool(), outcome, asked, now)
                        : Classifier.classify(ref.connector(), ref.tool(), outcome, asked, now),
                trace(outcome),
                outcome.took(),
                isElsewhere ? List.of() : VendorFeedback.of(limits, ref.tool().name(), outcome, now),
                outcome instanceof HttpOutcome.Answered answered ? new Reply(answered, asked) : null);
    }

    @Override
    public @Nullable Integer pageSize() {
        return asked().size();
    }

    private AskedPage asked() {
        return AskedPage.of(ref.tool(), request, arguments.filled(), arguments.vendorCursor(), arguments.limit());
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
