@NullMarked
package io.millrace.compaction.merge;

import org.jspecify.annotations.NullMarked;
