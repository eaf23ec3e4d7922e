package dev.toolpost.worker.ratelimit.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.worker.ratelimit.shared.OwnGrants.Telling;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnGrantsTest {

    private final OwnGrants grants = new OwnGrants();

    @Test
    void anEndIsToldOfTheOldestGrantThatHasAnyOut() {
        grants.granted("a", 2, 0);
        grants.granted("b", 2, 100);
        grants.ended(3, 150);

        assertThat(grants.tell(170)).containsExactly(new Telling("a", 0, 2, 20), new Telling("b", 1, 1, 20));
        assertThat(grants.out()).isEqualTo(1);
    }

    @Test
    void whatWasNotHeardIsToldAgainWithWhatCameSince() {
        grants.granted("a", 5, 0);
        grants.ended(2, 10);
        List<Telling> lost = grants.tell(20);
        grants.unused(1, 30);
        grants.ended(1, 40);

        assertThat(lost).containsExactly(new Telling("a", 3, 2, 10));
        assertThat(grants.tell(50)).containsExactly(new Telling("a", 1, 3, 10));
    }

    @Test
    void whatWasHeardIsNotToldAgainAndWhatCameMeanwhileIs() {
        grants.granted("a", 5, 0);
        grants.ended(2, 10);
        List<Telling> heard = grants.tell(20);
        grants.unused(1, 25);
        grants.told(heard, 30);
        assertThat(grants.tell(40)).containsExactly(new Telling("a", 2, 0, 0));
        grants.told(grants.tell(40), 40);

        assertThat(grants.tell(50)).isEmpty();
        assertThat(grants.newsIn(100, 50)).isNegative();
    }

    @Test
    void aGrantWhoseAnswerWasLostIsToldAsUnused() {
        grants.perhapsGranted("a", 0);

        assertThat(grants.newsIn(100, 0)).isZero();
        assertThat(grants.tell(1)).containsExactly(new Telling("a", 0, 0, 0));
        grants.told(grants.tell(1), 1);
        assertThat(grants.tell(2)).isEmpty();
    }

    @Test
    void endsOfRequestsWhoseGrantsCountNoMoreAreToldOfNoOtherGrant() {
        grants.granted("a", 2, 0);
        grants.forget(1_000, 1_500);
        grants.granted("b", 1, 1_500);
        grants.ended(2, 1_600);

        assertThat(grants.tell(1_600)).isEmpty();
        grants.ended(1, 1_700);
        assertThat(grants.tell(1_700)).containsExactly(new Telling("b", 0, 1, 0));
    }

    @Test
    void endsWaitForAWhileAndWhatIsUnusedDoesNot() {
        grants.granted("a", 2, 0);
        assertThat(grants.newsIn(100, 10)).isNegative();
        grants.ended(1, 10);
        assertThat(grants.newsIn(100, 30)).isEqualTo(80);
        grants.unused(1, 40);
        assertThat(grants.newsIn(100, 40)).isZero();
    }
}
