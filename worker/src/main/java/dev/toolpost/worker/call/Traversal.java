package dev.toolpost.worker.call;

import dev.toolpost.connectors.Paging;
import dev.toolpost.connectors.ToolRef;
import dev.toolpost.schemas.ErrorCode;
import dev.toolpost.schemas.Lane;
import dev.toolpost.worker.call.CallOutcome.Ending;
import dev.toolpost.worker.call.CallOutcome.Failure;
import dev.toolpost.worker.call.CallOutcome.PageFrame;
import dev.toolpost.worker.call.CallOutcome.Turn;
import dev.toolpost.worker.call.CallSignalled.Signal;
import dev.toolpost.worker.call.VendorCall.Fetched;
import dev.toolpost.worker.classify.PageRecords;
import dev.toolpost.worker.classify.Verdict;
import dev.toolpost.worker.memory.HeapPart;
import dev.toolpost.worker.reply.CallError;
import dev.toolpost.worker.request.SlicePlace;
import dev.toolpost.worker.view.UnmappableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Walks a list page by page, one turn at a time. What a turn read goes out in one transaction with what comes next, so that a crash
 * repeats at most the turn, nobody sees its frames twice, and two chains of one traversal cannot exist. Thread-safe.
 */
final class Traversal {

    /** Vendors leave pages empty where a filter or a permission takes records out, but not so many in a row. */
    private static final int MOST_EMPTY_PAGES = 1_000;

    /** Unless the call asks for more: a vendor that gives thousands of records with all their fields would pass every bound of a body. */
    private static final int LARGEST_PAGE = 2_000;

    private final VendorCall vendor;
    private final PageCursors cursors;
    private final ResultViews views;
    private final TurnBounds bounds;
    private final HeapPart memory;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    Traversal(
            VendorCall vendor,
            PageCursors cursors,
            ResultViews views,
            TurnBounds bounds,
            HeapPart memory,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.vendor = vendor;
        this.cursors = cursors;
        this.views = views;
        this.bounds = bounds;
        this.memory = memory;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Reads pages until the list, the call's wish or the turn ends. */
    CallOutcome turn(RunningCall run, Call call, ToolRef ref, KnownConnection known, Arguments arguments)
            throws InterruptedException, CallSignalled {
        Paging paging = Objects.requireNonNull(ref.tool().paging(), "paging of a tool that is traversed");
        Walk walk = new Walk(run, call, ref, paging, arguments);
        KnownConnection connection = known;
        int before = call.progress().pages();
        long endsAtNanos = nanoTime.getAsLong()
                + bounds.timeAfter(before, call.message().getCallId()).toNanos();
        int lastPage = before + bounds.pagesAfter(before, call.lane());
        while (true) {
            if (call.deadline() <= clock.millis()) {
                return walk.broken(
                        Errors.deadlineExceeded(walk.pages, walk.records).error());
            }
            Fetched fetched;
            try {
                fetched = vendor.fetch(run, call, ref, connection, walk.nextRequest(), walk.lane());
            } catch (CallSignalled signalled) {
                return walk.interrupted(signalled);
            }
            switch (fetched) {
                case Fetched.Ended(Failure(CallError error)) -> {
                    boolean late = call.deadline() <= clock.millis();
                    return walk.broken(
                            late
                                    ? Errors.deadlineExceeded(walk.pages, walk.records)
                                            .error()
                                    : error);
                }
                case Fetched.Ended(CallOutcome outcome) -> {
                    return outcome;
                }
                case Fetched.Later(Duration delay, int tries) -> {
                    return new Turn(walk.frames, walk.continuesAfter(delay, tries));
                }
                case Fetched.Page(Verdict.Success answer, KnownConnection accepted, var _) -> {
                    connection = accepted;
                    Ending ending = walk.take(answer);
                    if (ending != null) {
                        return new Turn(walk.frames, ending);
                    }
                }
            }
            if (walk.pages >= lastPage
                    || walk.bytes >= bounds.bytes()
                    || walk.memoryIsShort
                    || nanoTime.getAsLong() - endsAtNanos >= 0) {
                return new Turn(walk.frames, walk.continues());
            }
        }
    }

    /** @param wrong why the record behind these could not be shown; null where all could */
    private record Shown(PageRecords records, @Nullable UnmappableException wrong) {}

    /** Where one turn stands. Confined to its call's thread. */
    private final class Walk {

        private final RunningCall run;
        private final Call call;
        private final ToolRef ref;
        private final Paging paging;
        private final Arguments arguments;
        private final @Nullable Long mostRecords;
        private final @Nullable Integer mostPages;
        private final List<PageFrame> frames = new ArrayList<>();
        private @Nullable String place;
        private int skip;
        private @Nullable CycleGuard guard;
        private int pages;
        private long records;
        private int emptyPages;
        private long bytes;
        private boolean memoryIsShort;

        Walk(RunningCall run, Call call, ToolRef ref, Paging paging, Arguments arguments) {
            this.run = run;
            this.call = call;
            this.ref = ref;
            this.paging = paging;
            this.arguments = arguments;
            this.mostRecords = call.message().getPaging().getMaxRecords();
            this.mostPages = call.message().getPaging().getMaxPages();
            this.place = arguments.vendorCursor();
            this.skip = arguments.skip();
            Progress before = call.progress();
            this.guard = CycleGuard.of(before.guard());
            this.pages = before.pages();
            this.records = before.records();
            this.emptyPages = before.emptyPages();
        }

        /** Pages behind the first give way to single calls of their connection, and leave the reserve of these alone. */
        Lane lane() {
            return pages == 0 ? call.lane() : Lane.BATCH;
        }

        /** As large a page as the vendor gives, unless the call wants smaller ones or not so many records. */
        Arguments nextRequest() {
            Paging.PageSize size = paging.pageSize();
            if (size == null) {
                return arguments.at(place, null);
            }
            long wanted = arguments.values().path(Paging.LIMIT).asLong(Math.min(size.largest(), LARGEST_PAGE));
            if (mostRecords != null) {
                wanted = Math.min(wanted, skip + mostRecords - records);
            }
            return arguments.at(place, Math.clamp(wanted, 1, size.largest()));
        }

        /** Takes a page in; the ending where it is the last, else null. */
        @Nullable
        Ending take(Verdict.Success answer) {
            bytes += answer.body().length;
            run.holds(answer.body().length);
            memoryIsShort = !memory.hold(answer.body().length);
            PageRecords all = PageRecords.of(
                    answer.body(), Objects.requireNonNull(answer.list(), "the list of a page of a traversal"));
            int from = Math.min(skip, all.size());
            long room = mostRecords == null ? Long.MAX_VALUE : mostRecords - records;
            int to = from + (int) Math.min(all.size() - from, room);
            PageRecords wanted = from == 0 && to == all.size() ? all : all.part(from, to);
            int skippedOfNext = skip - from;
            pages++;
            Shown shown = shown(wanted);
            records += shown.records().size();
            add(shown.records(), from);
            if (shown.wrong() != null) {
                return new Ending.Broken(
                        Errors.unmappable(shown.wrong()).error(),
                        pages,
                        sealed(
                                place,
                                from + shown.records().size() + (shown.wrong().isOfSelect() ? 0 : 1)));
            }
            if (to < all.size()) {
                return new Ending.Complete(pages, sealed(place, to));
            }
            String next = answer.nextCursor();
            if (next == null) {
                return new Ending.Complete(pages, null);
            }
            String page = paging.cap() == null ? next : SlicePlace.identity(next);
            if (guard != null && guard.hasSeen(page)) {
                return new Ending.Broken(
                        malformed("the vendor's list runs in a circle: page " + pages
                                + " names a page as the next that was read before"),
                        pages,
                        null);
            }
            guard = CycleGuard.after(guard, pages, page);
            place = next;
            skip = skippedOfNext;
            if (records >= (mostRecords == null ? Long.MAX_VALUE : mostRecords)
                    || (mostPages != null && pages >= mostPages)) {
                return new Ending.Complete(pages, sealed(place, skip));
            }
            if (emptyPages >= MOST_EMPTY_PAGES) {
                return new Ending.Broken(
                        malformed("the vendor's list goes on without records: " + emptyPages + " empty pages in a row"),
                        pages,
                        sealed(place, skip));
            }
            return null;
        }

        /** Records as the call wants to see them, up to the first that cannot be shown so. */
        private Shown shown(PageRecords wanted) {
            UnmappableException wrong = null;
            PageRecords rest = wanted;
            while (true) {
                try {
                    return new Shown(views.records(call, ref.tool(), rest), wrong);
                } catch (UnmappableException unmappable) {
                    wrong = unmappable;
                    rest = rest.part(0, unmappable.index());
                }
            }
        }

        private void add(PageRecords shown, int from) {
            if (shown.isEmpty()) {
                emptyPages++;
                return;
            }
            emptyPages = 0;
            String here = place;
            frames.add(new PageFrame(shown, pages, read -> sealed(here, from + read)));
        }

        private CallError malformed(String message) {
            return CallError.of(
                            ErrorCode.MALFORMED_RESPONSE,
                            message,
                            "What was read so far is in the frames before; narrow the arguments to read the rest.")
                    .finalForThisCall();
        }

        Ending continues() {
            return new Ending.Continues(reached());
        }

        Ending continuesAfter(Duration delay, int tries) {
            return new Ending.Continues(
                    reached().withNotBefore(clock.millis() + delay.toMillis()).withTries(tries));
        }

        private Progress reached() {
            return new Progress(
                    call.progress().frame(),
                    pages,
                    records,
                    sealed(place, skip),
                    guard == null ? null : guard.text(),
                    emptyPages,
                    run.vendorMillis());
        }

        /** What was read stays; the place that failed can be tried again. */
        CallOutcome broken(CallError error) {
            boolean started = place != null || skip > 0;
            return new Turn(frames, new Ending.Broken(error, pages, started ? sealed(place, skip) : null));
        }

        CallOutcome interrupted(CallSignalled signalled) throws CallSignalled {
            Signal signal = signalled.signal();
            if (signal == Signal.HAND_OVER && pages > call.progress().pages()) {
                return new Turn(frames, continues());
            }
            if (signal == Signal.CANCEL) {
                return broken(Errors.cancelledAfter(pages, records).error());
            }
            throw signalled;
        }

        private String sealed(@Nullable String at, int read) {
            return cursors.sealFrom(call, ref.tool(), arguments, at, read);
        }
    }
}
