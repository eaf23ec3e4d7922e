package dev.toolpost.worker.request;

import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.Tool;
import dev.toolpost.worker.http.VendorAddress;
import dev.toolpost.worker.http.VendorRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a request asked for, as far as the answer's next page depends on it. Immutable; shows nothing of the query, which may hold a
 * credential.
 *
 * @param address the request's: what links of the answer are relative to, and whose origin they may not leave
 * @param place the place of the page, as {@link RequestBuilder#build} took it, or null for a first page
 * @param size records asked for, or null where the tool has no page size
 * @param slice the place as it was given, where the vendor caps the list; {@code place} is then the one within its slice; else null
 * @param restartable whether the list comes in the order in which it can be asked for anew from a value
 * @param keySegment the part of the path that holds the connection's key, or null
 */
public record AskedPage(
        VendorAddress address,
        @Nullable String place,
        @Nullable Integer size,
        @Nullable SlicePlace slice,
        boolean restartable,
        @Nullable String keySegment) {

    /** One whose path holds no key. */
    public AskedPage(URI uri, @Nullable String place, @Nullable Integer size) {
        this(VendorAddress.of(uri), place, size, null, false, null);
    }

    /** What {@link RequestBuilder#build} asked for with the same arguments. */
    public static AskedPage of(
            Tool tool,
            VendorRequest request,
            JsonNode arguments,
            @Nullable String vendorCursor,
            @Nullable Integer limit) {
        Paging paging = tool.paging();
        String keySegment = Credential.segmentOf(request);
        if (paging == null) {
            return new AskedPage(request.address(), vendorCursor, null, null, false, keySegment);
        }
        try {
            Integer size = PageWish.size(paging, arguments, vendorCursor, limit);
            Paging.Cap cap = paging.cap();
            if (cap == null) {
                return new AskedPage(request.address(), vendorCursor, size, null, false, keySegment);
            }
            SlicePlace slice = SlicePlace.parse(vendorCursor);
            boolean restartable = cap.restart() != null && cap.restart().isFor(arguments);
            return new AskedPage(request.address(), slice.at(), size, slice, restartable, keySegment);
        } catch (RequestProblemException unbuilt) {
            throw new IllegalArgumentException("a place of which no request can be made", unbuilt);
        }
    }

    /** The request's whole address. */
    public URI uri() {
        return address.uri();
    }

    /** Whether it is the first page of a list, or of a list that was asked for anew. */
    public boolean isFirst() {
        return place == null;
    }

    /** The path and query of a link as they are kept: without the connection's key, which is put in anew. */
    public String withoutKey(String link) {
        return keySegment == null ? link : link.replace(keySegment, Credential.SEGMENT_PLACE);
    }

    /** Records to ask for in a page, or null where the tool has no page size. */
    public static @Nullable Integer size(
            Paging paging, JsonNode arguments, @Nullable String vendorCursor, @Nullable Integer limit)
            throws RequestProblemException {
        return PageWish.size(paging, arguments, vendorCursor, limit);
    }

    @Override
    public String toString() {
        return "AskedPage[" + withoutKey(address.path()) + (place == null ? ", first" : ", later") + ", size " + size
                + "]";
    }
}
