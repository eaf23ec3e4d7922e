package dev.toolpost.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ChurnTest {

    private static final String CONTACTS = "/crm/v3/objects/contacts";

    private SimulatedVendor vendor = vendor();

    private static SimulatedVendor vendor() {
        return SimulatedVendor.builder().unlimited().records("contacts", 2000).start();
    }

    @AfterEach
    void stop() {
        vendor.close();
    }

    private List<List<String>> traverse(int limit) throws Exception {
        List<List<String>> pages = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = Http.vendor(vendor, "GET", CONTACTS + "?limit=" + limit + after, null)
                    .json();
            List<String> ids = new ArrayList<>();
            page.path("results").forEach(record -> ids.add(record.path("id").asString()));
            pages.add(ids);
            JsonNode next = page.at("/paging/next/after");
            after = next.isMissingNode() ? "" : "&after=" + next.asString();
        } while (!after.isEmpty());
        return pages;
    }

    @Test
    void recordsComeAndGoDuringATraversalAndThePageLogTellsWhatWasServed() throws Exception {
        vendor.logPages(1000);
        vendor.churn(Churn.of(3, 4.5, 7));
        List<List<String>> pages = traverse(50);
        List<String> all = pages.stream().flatMap(List::stream).toList();
        assertThat(all).doesNotHaveDuplicates();
        assertThat(all.stream().filter(id -> id.length() > 10)).as("inserted").hasSizeGreaterThan(50);
        Set<String> original = new HashSet<>();
        for (int id = 51; id < 2051; id++) {
            original.add(Integer.toString(id));
        }
        all.forEach(original::remove);
        assertThat(original).as("deleted before they were served").hasSizeGreaterThan(20);
        List<ServedPage> log = vendor.pages(1000);
        assertThat(log).hasSameSizeAs(pages);
        String place = null;
        for (int i = 0; i < pages.size(); i++) {
            ServedPage served = log.get(i);
            List<String> ids = pages.get(i);
            assertThat(served.number()).isEqualTo(i);
            assertThat(served.account()).isEqualTo(SimulatedVendor.DEFAULT_TOKEN);
            assertThat(served.collection()).isEqualTo("contacts");
            assertThat(served.asked()).isEqualTo(place);
            assertThat(served.count()).isEqualTo(ids.size());
            assertThat(served.hash()).isEqualTo(ServedPage.hash(ids));
            assertThat(served.firstId()).isEqualTo(ids.getFirst());
            assertThat(served.lastId()).isEqualTo(ids.getLast());
            place = served.next();
        }
        assertThat(place).isNull();
    }

    @Test
    void theSameSeedAndRequestsGiveTheSameChanges() throws Exception {
        vendor.churn(Churn.of(1.5, 2.5, 99));
        List<List<String>> first = traverse(100);
        vendor.reset();
        assertThat(traverse(100)).isNotEqualTo(first);
        vendor.reset();
        vendor.churn(Churn.of(1.5, 2.5, 99));
        assertThat(traverse(100)).isEqualTo(first);
        vendor.reset();
        vendor.churn(Churn.of(1.5, 2.5, 100));
        assertThat(traverse(100)).isNotEqualTo(first);
    }

    @Test
    void aTraversalOfSmallPagesEndsWhenTheChangesAreUsedUp() throws Exception {
        vendor.records("contacts", 20);
        vendor.churn(new Churn(5, 0, 10, 1, 60));
        assertThat(traverse(2).stream().mapToInt(List::size).sum()).isEqualTo(80);
    }

    @Test
    void theLogIsOffBoundedAndReadFromElsewhere() throws Exception {
        traverse(100);
        assertThat(vendor.pages(10)).isEmpty();
        try (RemoteVendor remote = new RemoteVendor(vendor.uri())) {
            remote.logPages(5);
            remote.churn(Churn.of(0, 2, 3));
            int pages = traverse(100).size();
            assertThat(remote.pages(100)).isEqualTo(vendor.pages(100)).hasSize(5);
            assertThat(remote.pages(2)).extracting(ServedPage::number).containsExactly(pages - 2L, pages - 1L);
            assertThat(remote.pages(1).getFirst().next()).isNull();
            assertThatThrownBy(() -> remote.logPages(-1)).hasMessageContaining("bound");
            assertThatThrownBy(() -> remote.churn(new Churn(-1, 0, 1, 0, 0))).hasMessageContaining("inserts");
        }
    }

    @Test
    void insertedRecordsAreWholeAndDeletedOnesAreGone() throws Exception {
        vendor.records("contacts", 10);
        vendor.churn(new Churn(1, 0, 5, 1, 1));
        List<String> ids = traverse(100).getFirst();
        assertThat(ids).hasSize(11);
        String inserted = ids.getLast();
        JsonNode contact = get(inserted);
        assertThat(contact.at("/properties/email").asString()).contains(inserted);
        vendor.churn(new Churn(0, 1, 5, 1, 1));
        Set<String> left = new TreeSet<>(traverse(100).getFirst());
        assertThat(left).hasSize(10);
        String gone = ids.stream().filter(id -> !left.contains(id)).findFirst().orElseThrow();
        assertThat(get(gone).path("category").asString()).isEqualTo("OBJECT_NOT_FOUND");
    }

    private JsonNode get(String id) throws Exception {
        return Http.vendor(vendor, "GET", CONTACTS + "/" + id, null).json();
    }

    @Test
    void placesAreCountedOverTheRecordsThatAreLeft() {
        SortedIds gone = new SortedIds();
        SplittableRandom random = new SplittableRandom(5);
        TreeSet<Long> left = new TreeSet<>();
        for (long id = 100; id < 600; id++) {
            left.add(id);
        }
        for (int i = 0; i < 300; i++) {
            long id = random.nextLong(100, 600);
            assertThat(gone.add(id)).isEqualTo(left.remove(id));
        }
        long back = Objects.requireNonNull(firstGone(left));
        gone.remove(back);
        left.add(back);
        assertThat(gone.size()).isEqualTo(500 - left.size());
        List<Long> order = List.copyOf(left);
        for (int place = 0; place < order.size(); place++) {
            assertThat(gone.absent(100, place)).isEqualTo(order.get(place));
        }
    }

    private static @Nullable Long firstGone(Set<Long> left) {
        for (long id = 100; id < 600; id++) {
            if (!left.contains(id)) {
                return id;
            }
        }
        return null;
    }
}
