package dev.toolpost.worker.trial;

import dev.toolpost.worker.oauth.TokenTrial;
import java.time.Duration;

/** Told of each step of a trial as it happens. */
public interface TrialEvents {

    /** A request for an access token was made. */
    void tokenAsked(TokenTrial.Asked asked);

    /** A request or statement goes to the vendor now, or would in a dry run. */
    void sends(Shown shown);

    /** The vendor answered what was sent last, or did not. */
    void answered(Answer answer);

    /** The vendor works on, and is asked again after a while. */
    void waits(Duration wait);
}
