@NullMarked
package io.millrace.ingest.pack;

import org.jspecify.annotations.NullMarked;
