# SPDX-License-Identifier: MIT
# cut: xml.dom.minidom.Text .parentNode
#
# samples/leaks/xml_parent.py without the leak: unlink() takes the parents away.
import gc
from xml.dom import minidom

gc.disable()


def leak():
    document = minidom.Document()
    element = document.createElement("row")
    element.appendChild(document.createTextNode("value"))
    name = element.tagName
    element.unlink()
    document.unlink()
    return name


for _ in range(50):
    leak()
