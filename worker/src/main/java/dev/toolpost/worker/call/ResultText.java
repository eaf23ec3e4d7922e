package dev.toolpost.worker.call;

import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.classify.PageRecords;
import java.nio.charset.StandardCharsets;

/** The content of a frame that answers with one page or one object. */
final class ResultText {

    private ResultText() {}

    /** The vendor's text as it came, less the records that the caller has already. */
    static String of(Call call, Tool tool, Arguments arguments, byte[] body) {
        Paging paging = tool.paging();
        byte[] answered = paging == null || arguments.skip() == 0
                ? body
                : PageRecords.without(body, paging.records(), arguments.skip());
        return new String(answered, StandardCharsets.UTF_8);
    }
}
