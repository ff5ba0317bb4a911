// The bytes of web/dist/report.html, taken in by the assembler: an array in C++ would cost seconds to compile.
#include "loadstone/report/page.h"

__asm__(
    ".section .rodata\n"
    ".global loadstone_report_page_begin\n"
    "loadstone_report_page_begin:\n"
    ".incbin \"" LOADSTONE_REPORT_PAGE
    "\"\n"
    ".global loadstone_report_page_end\n"
    "loadstone_report_page_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char loadstone_report_page_begin[];
extern "C" const char loadstone_report_page_end[];

namespace loadstone {

std::string_view report_template() { return {loadstone_report_page_begin, loadstone_report_page_end}; }

}  // namespace loadstone
