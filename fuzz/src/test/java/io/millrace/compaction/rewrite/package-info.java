@NullMarked
package io.millrace.compaction.rewrite;

import org.jspecify.annotations.NullMarked;
