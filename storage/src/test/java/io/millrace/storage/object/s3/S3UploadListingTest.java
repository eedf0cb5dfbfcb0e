package io.millrace.storage.object.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.UploadId;
import io.millrace.storage.object.UploadListing;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests listings with uploads of other programs, some under names that are not legal keys. */
class S3UploadListingTest {

    private static final List<String> NAMES =
            List.of("a", "not a key 1", "not a key 2", "not a key 3", "z");

    /** Returns two uploads per page, regardless of the limit. */
    private static void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        int from = 0;
        while (query.contains("key-marker=") && !query.contains("key-marker=" + NAMES.get(from))) {
            from++;
        }
        from += query.contains("key-marker=") ? 1 : 0;
        int to = Math.min(NAMES.size(), from + 2);
        StringBuilder page = new StringBuilder("<ListMultipartUploadsResult>");
        page.append("<IsTruncated>").append(to < NAMES.size()).append("</IsTruncated>");
        for (String name : NAMES.subList(from, to)) {
            page.append("<Upload><Key>").append(name).append("</Key><UploadId>7</UploadId>");
            page.append("<Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>");
        }
        AnsweringServer.say(exchange, 200, page.append("</ListMultipartUploadsResult>").toString());
        exchange.close();
    }

    @Test
    void pagesWithoutAnyKeyArePassedOver() throws IOException {
        UploadId first = new UploadId(new ObjectKey("a"), "7");
        UploadId last = new UploadId(new ObjectKey("z"), "7");
        try (AnsweringServer server = new AnsweringServer(S3UploadListingTest::answer)) {
            UploadListing begin = page(server, Optional.empty());
            assertThat(begin.uploads())
                    .extracting(UploadListing.ListedUpload::id)
                    .containsExactly(first);
            assertThat(begin.truncated()).isTrue();

            UploadListing rest = page(server, Optional.of(first));
            assertThat(rest.uploads())
                    .extracting(UploadListing.ListedUpload::id)
                    .containsExactly(last);
            assertThat(rest.truncated()).isFalse();
        }
    }

    private static UploadListing page(AnsweringServer server, Optional<UploadId> after) {
        return server.store()
                .uploads()
                .listUnfinished("", after, 2)
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }
}
