package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.message.Deferral;
import dev.toolpost.message.Resumption;
import dev.toolpost.message.ToolCall;
import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.TopicPlan;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How large a call may be that the scheduler keeps. */
class KeptSizeTest {

    /** Room for all that is not arguments: cursor, claims, headers. */
    private static final int ROOM = 256 << 10;

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e4", "\u6f22", "\ud83d\ude00", "\\n", "\\u0001", "\",\""})
    void theLargestFitsIntoItsTopicAsJsonWhateverItsCharacters(String text) {
        int times = (Placement.MOST_KEPT_CHARACTERS - "[\"\"]".length()) / text.length();
        String arguments = "{\"t\":[\"" + text.repeat(times - 1) + "\"]}";
        assertThat(arguments.length())
                .isBetween(Placement.MOST_KEPT_CHARACTERS - 20, Placement.MOST_KEPT_CHARACTERS + 5);

        byte[] resumption = MessageCodec.of(Resumption.class, null)
                .encode(
                        "toolpost.resume.common",
                        Resumption.newBuilder()
                                .setKind("deferral")
                                .setCallId("c")
                                .setLane("batch")
                                .setFormat("json")
                                .setCall(ToolCall.newBuilder()
                                        .setTool("crm_import")
                                        .setTenant("acme")
                                        .setConnection("eu")
                                        .setArguments(arguments)
                                        .build())
                                .build(),
                        Format.JSON);
        byte[] deferral = MessageCodec.of(Deferral.class, null)
                .encode(
                        "toolpost.later",
                        Deferral.newBuilder()
                                .setDeferralId("d")
                                .setAction("defer")
                                .setTopic("toolpost.resume.common")
                                .setValue(ByteBuffer.wrap(resumption))
                                .build(),
                        Format.JSON);

        assertThat(deferral.length).isLessThan(TopicPlan.CALL_BYTES - ROOM);
    }
}
